/* SPDX-License-Identifier: EUPL-1.2 */
/* Listening sockets. Caller: http/server, before the threads. */
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define BACKLOG 4096 /* a burst of visitors waits here; what overflows comes back a second later */

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
};

static int close_with(int fd, int r)
{
    (void)close(fd);
    return r;
}

static int set(int fd, int level, int option)
{
    const int on = 1;
    return setsockopt(fd, level, option, &on, sizeof(on)) < 0 ? -errno : 0;
}

/* "ADDRESS:PORT" or "[ADDRESS]:PORT" */
static int parse(const char *text, union address *ret_address, socklen_t *ret_size)
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || !colon[1])
        return -EINVAL;
    const char *begin = text, *end = colon;
    bool brackets = *begin == '[';
    if (brackets) {
        begin++;
        end--;
        if (*end != ']')
            return -EINVAL;
    } else if (memchr(begin, ':', (size_t)(end - begin)))
        return -EINVAL; /* an IPv6 address needs its brackets */
    int64_t port; /* getaddrinfo would take 99999 for another */
    size_t size = (size_t)(end - begin);
    if (text_to_int(colon + 1, 0, UINT16_MAX, &port) < 0)
        return -EINVAL;
    if (size == 0 || size >= sizeof(host))
        return -EINVAL;
    memcpy(host, begin, size);
    host[size] = '\0';

    const struct addrinfo hints = {
        .ai_family = brackets ? AF_INET6 : AF_INET, .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
    };
    struct addrinfo *found;
    int r = getaddrinfo(host, colon + 1, &hints, &found);
    if (r != 0)
        return r == EAI_MEMORY ? -ENOMEM : -EINVAL;
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    *ret_size = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

static int open_tcp(const union address *address, socklen_t size, bool shared, int *ret_fd)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int r = set(fd, SOL_SOCKET, SO_REUSEADDR);
    if (r == 0 && shared)
        r = set(fd, SOL_SOCKET, SO_REUSEPORT);
    if (r == 0 && address->any.sa_family == AF_INET6)
        r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (r == 0)
        r = set(fd, IPPROTO_TCP, TCP_NODELAY); /* accepted sockets take it over */
    if (r == 0 && (bind(fd, &address->any, size) < 0 || listen(fd, BACKLOG) < 0))
        r = -errno;
    if (r < 0)
        return close_with(fd, r);
    *ret_fd = fd;
    return 0;
}

/* True if PATH is a socket's file that nobody listens on: its daemon is gone. */
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

static int open_unix(const char *path, int *ret_fd)
{
    union address address = { .un.sun_family = AF_UNIX };
    if (!*path || strlen(path) >= sizeof(address.un.sun_path))
        return -EINVAL;
    memcpy(address.un.sun_path, path, strlen(path) + 1);

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int r = bind(fd, &address.any, sizeof(address.un)) < 0 ? -errno : 0;
    if (r == -EADDRINUSE && is_left_over(&address.un)) {
        if (unlink(path) < 0)
            return close_with(fd, -errno);
        r = bind(fd, &address.any, sizeof(address.un)) < 0 ? -errno : 0;
    }
    /* To connect is to write: the proxy's user is in our group. */
    if (r == 0 && (chmod(path, 0660) < 0 || listen(fd, BACKLOG) < 0))
        r = -errno;
    if (r < 0)
        return close_with(fd, r);
    *ret_fd = fd;
    return 0;
}

int listen_open(const char *text, bool shared, int *ret_fd)
{
    if (strncmp(text, "unix:", 5) == 0)
        return open_unix(text + 5, ret_fd);
    union address address;
    socklen_t size;
    int r = parse(text, &address, &size);
    return r < 0 ? r : open_tcp(&address, size, shared, ret_fd);
}

static int name_of(int fd, union address *ret_address, socklen_t *ret_size)
{
    *ret_size = sizeof(*ret_address);
    memset(ret_address, 0, sizeof(*ret_address));
    return getsockname(fd, &ret_address->any, ret_size) < 0 ? -errno : 0;
}

int listen_again(int fd, bool shared, int *ret_fd, bool *ret_own)
{
    union address address;
    socklen_t size;
    int r = name_of(fd, &address, &size);
    if (r < 0)
        return r;
    bool own = shared && address.any.sa_family != AF_UNIX;
    if (own)
        r = open_tcp(&address, size, true, ret_fd);
    else {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        r = copy < 0 ? -errno : 0;
        if (r == 0)
            *ret_fd = copy;
    }
    if (r == 0)
        *ret_own = own;
    return r;
}

int listen_adopt(int fd)
{
    int type, accepting;
    socklen_t size = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return -errno;
    size = sizeof(accepting);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &size) < 0)
        return -errno;
    if (type != SOCK_STREAM || !accepting)
        return -EINVAL;

    union address address;
    int r = name_of(fd, &address, &size);
    if (r == 0 && address.any.sa_family != AF_UNIX)
        r = set(fd, IPPROTO_TCP, TCP_NODELAY);
    if (r < 0)
        return r;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return 0;
}

int listen_name(int fd, char ret_name[static LISTEN_NAME_SIZE])
{
    union address address;
    socklen_t size;
    char host[INET6_ADDRSTRLEN];
    int r = name_of(fd, &address, &size);
    if (r < 0)
        return r;
    switch (address.any.sa_family) {
    case AF_INET:
        if (!inet_ntop(AF_INET, &address.in.sin_addr, host, sizeof(host)))
            return -errno;
        (void)snprintf(ret_name, LISTEN_NAME_SIZE, "%s:%u", host, ntohs(address.in.sin_port));
        return 0;
    case AF_INET6:
        if (!inet_ntop(AF_INET6, &address.in6.sin6_addr, host, sizeof(host)))
            return -errno;
        (void)snprintf(ret_name, LISTEN_NAME_SIZE, "[%s]:%u", host, ntohs(address.in6.sin6_port));
        return 0;
    case AF_UNIX: {
        size_t head = offsetof(struct sockaddr_un, sun_path), length = size > head ? size - head : 0;
        (void)snprintf(ret_name, LISTEN_NAME_SIZE, "unix:%.*s", (int)length, address.un.sun_path);
        return 0;
    }
    default:
        return -EAFNOSUPPORT;
    }
}
