/* SPDX-License-Identifier: EUPL-1.2 */
/* Bytes as a client sends them, through a real server of one worker on a Unix socket: what reaches an endpoint is
 * clean, every request has one answer with a length, and the connection ends. */
#include "fuzz.h"

#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/form.h"
#include "base/log.h"
#include "base/text.h"
#include "config/settings.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/server.h"

#define PATIENCE 10000 /* ms without a byte until it counts as hanging */
#define FIELDS 16
#define BODY_LIMIT 4096

struct front {
    struct http_server *server;
    char folder[64], path[96];
};

static bool is_clean(const char *text)
{
    return !text || (text_is_utf8(text, strlen(text)) && strlen(text) <= 16384);
}

static void answer(struct request *request, int status, const char *text)
{
    const struct reply reply = { .status = status,
                                 .type = "text/plain; charset=utf-8",
                                 .data = text,
                                 .size = strlen(text),
                                 .cache = REPLY_PRIVATE,
                                 .vary_language = true };
    reply_send(request, &reply);
}

static void echo(struct request *request)
{
    const struct form *form = request_form(request);
    const char *path = request_path(request), *slug = request_part(request, "slug");
    FUZZ_PROMISE(path[0] == '/' && path[1] != '/' && !strpbrk(path, " \r\n\t?#"));
    FUZZ_PROMISE(is_clean(slug) && (!slug || !strchr(slug, '/')));
    FUZZ_PROMISE(is_clean(request_query(request, "q")));
    FUZZ_PROMISE(form->count <= FIELDS && (form->count == 0 || request_is_post(request)));
    static const char *const names[] = { "Accept-Language", "Accept-Encoding", "X-Test", "Host", "Cookie" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = request_header(request, names[i]);
        FUZZ_PROMISE(is_clean(value) && (!value || !strpbrk(value, "\r\n")));
    }
    answer(request, 200, path);
}

static void go(struct request *request)
{
    const struct reply reply = { .status = 303, .location = "/n/token", .cache = REPLY_NO_STORE };
    reply_send(request, &reply);
}

static void refuse(struct request *request, int status)
{
    FUZZ_PROMISE(status >= 400 && status <= 503);
    answer(request, status, "refused");
}

static bool is_language(void *state, const char *code)
{
    (void)state;
    FUZZ_PROMISE(!strchr(code, '/'));
    return strcmp(code, "lt") == 0;
}

static int start_site(void *context, struct mailbox *mailbox, void **ret_state)
{
    (void)mailbox;
    *ret_state = context;
    return 0;
}

static void stop_site(void *state)
{
    (void)state;
}

/* Lives as long as the process. */
static struct front made;

static void clear_up(void)
{
    (void)unlink(made.path);
    (void)rmdir(made.folder);
}

static const struct front *front(void)
{
    static const struct endpoint list[] = {
        { .name = "root", .path = "/", .methods = HTTP_GET, .language = true, .handle = echo },
        { .name = "event", .path = "/e/{slug}", .methods = HTTP_GET | HTTP_POST, .language = true, .handle = echo },
        { .name = "entry", .path = "/e/{slug}.ics", .methods = HTTP_GET, .handle = echo },
        { .name = "go", .path = "/go", .methods = HTTP_GET | HTTP_POST, .handle = go },
    };
    static const struct endpoint *const endpoints[] = { &list[0], &list[1], &list[2], &list[3] };
    static const struct http_site site = {
        .endpoints = endpoints,
        .endpoint_count = 4,
        .worker_start = start_site,
        .worker_stop = stop_site,
        .is_language = is_language,
        .refuse = refuse,
    };
    static char listen_text[128];
    static const char *const items[] = { listen_text };
    static const struct settings_list listen = { 1, items };
    static const struct http_options options = {
        .listen = &listen,
        .workers = 1,
        .header_limit = 16384,
        .body_limit = BODY_LIMIT,
        .field_limit = FIELDS,
        .site = &site,
    };
    if (made.server)
        return &made;
    log_setup(LOG_LEVEL_ERROR);
    FUZZ_PROMISE(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    (void)snprintf(made.path, sizeof made.path, "%s/socket", fuzz_folder(made.folder));
    (void)snprintf(listen_text, sizeof listen_text, "unix:%s", made.path);
    FUZZ_PROMISE(atexit(clear_up) == 0);
    FUZZ_PROMISE(http_server_new(&options, &made.server) == 0 && http_server_start(made.server) == 0);
    return &made;
}

static int dial(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FUZZ_PROMISE(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* The bytes go out whole or until the server refuses them; then no more come. */
static void speak(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        data += n;
        size -= (size_t)n;
    }
    (void)shutdown(fd, SHUT_WR);
}

/* Until the server closes. The caller frees it. */
static char *listen_to(int fd, size_t *ret_size)
{
    size_t size = 0, room = 65536;
    char *data = malloc(room + 1);
    FUZZ_PROMISE(data);
    for (;;) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        int ready = poll(&wait, 1, PATIENCE);
        if (ready < 0 && errno == EINTR)
            continue;
        FUZZ_PROMISE(ready == 1); /* else it hangs */
        ssize_t n = recv(fd, data + size, room - size, 0);
        if (n <= 0)
            break;
        size += (size_t)n;
        if (size == room) {
            room *= 2;
            data = realloc(data, room + 1);
            FUZZ_PROMISE(data);
        }
    }
    data[size] = '\0';
    *ret_size = size;
    return data;
}

/* Every answer is one of HTTP/1.x and has a length or is the last one. An answer to HEAD has no body, so if a body is
 * not followed by an answer this looks once more without it. */
static void check_answers(const char *data, size_t size)
{
    const char *end = data + size;
    while (data < end) {
        FUZZ_PROMISE(strncmp(data, "HTTP/1.", 7) == 0);
        const char *body = strstr(data, "\r\n\r\n");
        if (!body)
            return; /* cut short by a reset */
        body += 4;
        /* evhttp itself refuses some versions, and in words such as HTTP/1.-29. */
        const char *blank = strchr(data, ' ');
        long status = blank && blank < body ? strtol(blank, NULL, 10) : 0;
        FUZZ_PROMISE(status == 100 || (status >= 200 && status < 600));
        const char *length = strcasestr(data, "\r\nContent-Length: ");
        if (length && length < body) {
            const char *next = body + strtoul(length + 18, NULL, 10);
            data = next <= end && (next == end || strncmp(next, "HTTP/1.", 7) == 0) ? next : body;
        } else if (status == 100) {
            data = body;
        } else {
            const char *close = strcasestr(data, "\r\nConnection: close");
            FUZZ_PROMISE(close && close < body);
            return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = dial(front()->path);
    speak(fd, data, size);
    size_t length;
    char *answers = listen_to(fd, &length);
    check_answers(answers, length);
    free(answers);
    (void)close(fd);
    return 0;
}
