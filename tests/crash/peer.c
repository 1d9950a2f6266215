/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail server of the crash test. Caller: crash. */
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"

#define CONNECTIONS 16
#define BUFFER 65536
#define FAULTS 2 /* for each recipient, then all goes well */

enum way { WAY_GOOD, WAY_RCPT_LATER, WAY_RCPT_BYE, WAY_DOT_LATER, WAY_DROP, WAY_LOSE };

struct connection {
    int fd; /* -1: free */
    bool in_data;
    enum way way;
    struct peer_mail *mail;
    size_t size;
    char buffer[BUFFER];
};

struct peer {
    int fd;
    uint64_t dice;
    unsigned count;
    struct peer_mail mails[PEER_MAILS];
    struct connection connections[CONNECTIONS];
};

int peer_new(struct peer **ret_peer)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct peer *peer = calloc(1, sizeof(*peer));
    if (!peer)
        return -ENOMEM;
    for (unsigned i = 0; i < CONNECTIONS; i++)
        peer->connections[i].fd = -1;
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (peer->fd < 0 || bind(peer->fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(peer->fd, 16) < 0) {
        free(peer);
        return -EIO;
    }
    *ret_peer = peer;
    return 0;
}

void peer_free(struct peer *peer)
{
    (void)close(peer->fd);
    free(peer);
}

unsigned peer_port(const struct peer *peer)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    return getsockname(peer->fd, (struct sockaddr *)&address, &size) < 0 ? 0 : ntohs(address.sin_port);
}

int peer_fd(const struct peer *peer)
{
    return peer->fd;
}

void peer_begin(struct peer *peer, uint64_t seed)
{
    peer->dice = seed ? seed : 1;
    peer->count = 0;
}

unsigned peer_count(const struct peer *peer)
{
    return peer->count;
}

struct peer_mail *peer_at(struct peer *peer, unsigned n)
{
    return &peer->mails[n];
}

struct peer_mail *peer_find(struct peer *peer, const char *recipient)
{
    for (unsigned i = 0; i < peer->count; i++)
        if (strcmp(peer->mails[i].recipient, recipient) == 0)
            return &peer->mails[i];
    return NULL;
}

static struct peer_mail *mail_for(struct peer *peer, const char *recipient)
{
    struct peer_mail *mail = peer_find(peer, recipient);
    if (mail || peer->count == PEER_MAILS)
        return mail;
    mail = &peer->mails[peer->count++];
    *mail = (struct peer_mail){ 0 };
    (void)snprintf(mail->recipient, sizeof(mail->recipient), "%s", recipient);
    return mail;
}

static enum way choose(struct peer *peer, struct peer_mail *mail)
{
    static const enum way ways[] = { WAY_RCPT_LATER, WAY_RCPT_BYE, WAY_DOT_LATER, WAY_DROP, WAY_LOSE, WAY_LOSE };
    if (mail->faults >= FAULTS || dice_roll(&peer->dice, 4) != 0)
        return WAY_GOOD;
    mail->faults++;
    return ways[dice_roll(&peer->dice, sizeof(ways) / sizeof(ways[0]))];
}

/* ---- the dialogue ---- */

static void end(struct connection *connection)
{
    (void)close(connection->fd);
    connection->fd = -1;
}

static void say(struct connection *connection, const char *text)
{
    ssize_t n = send(connection->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)n; /* who is dead does not hear it */
}

static void accept_mail(struct peer_mail *mail, const char *text)
{
    char id[sizeof(mail->message_id)] = "";
    const char *at = strcasestr(text, "\nMessage-ID: <");
    if (at)
        (void)sscanf(at + 14, "%159[^>]", id);
    if (mail->accepted > 0 && strcmp(mail->message_id, id) != 0)
        mail->two_ids = true;
    memcpy(mail->message_id, id, sizeof(id));
    mail->accepted++;
}

/* A whole message is there. */
static void take(struct connection *connection, const char *text)
{
    connection->in_data = false;
    if (connection->way == WAY_DOT_LATER) {
        say(connection, "451 4.3.0 later\r\n");
        return;
    }
    if (connection->way == WAY_DROP) {
        end(connection);
        return;
    }
    accept_mail(connection->mail, text);
    if (connection->way == WAY_LOSE) {
        connection->mail->lost++;
        end(connection);
        return;
    }
    say(connection, "250 2.0.0 kept\r\n");
}

static void hear(struct peer *peer, struct connection *connection, const char *line)
{
    char recipient[80];
    if (strncasecmp(line, "RCPT TO:<", 9) == 0 && sscanf(line + 9, "%79[^>]", recipient) == 1) {
        connection->mail = mail_for(peer, recipient);
        connection->way = connection->mail ? choose(peer, connection->mail) : WAY_GOOD;
        if (connection->way == WAY_RCPT_LATER)
            say(connection, "450 4.2.1 later\r\n");
        else if (connection->way == WAY_RCPT_BYE) {
            say(connection, "421 4.3.2 bye\r\n");
            end(connection);
        } else
            say(connection, "250 2.1.5 ok\r\n");
    } else if (strcasecmp(line, "DATA") == 0) {
        connection->in_data = connection->mail;
        say(connection, connection->mail ? "354 go on\r\n" : "503 5.5.1 who?\r\n");
    } else if (strcasecmp(line, "QUIT") == 0) {
        say(connection, "221 2.0.0 bye\r\n");
        end(connection);
    } else
        say(connection, "250 ok\r\n");
}

/* The next command or message in the buffer. False: it is not whole yet. */
static bool step(struct peer *peer, struct connection *connection)
{
    const char *mark = connection->in_data ? "\r\n.\r\n" : "\r\n";
    char *found = memmem(connection->buffer, connection->size, mark, strlen(mark));
    if (!found)
        return false;
    size_t used = (size_t)(found - connection->buffer) + strlen(mark);
    *found = '\0';
    if (connection->in_data)
        take(connection, connection->buffer);
    else
        hear(peer, connection, connection->buffer);
    connection->size -= used;
    memmove(connection->buffer, connection->buffer + used, connection->size);
    return connection->fd >= 0;
}

static void read_some(struct peer *peer, struct connection *connection)
{
    ssize_t n = recv(connection->fd, connection->buffer + connection->size, BUFFER - connection->size, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end(connection);
        return;
    }
    connection->size += (size_t)n;
    while (step(peer, connection))
        continue;
}

static void take_connections(struct peer *peer)
{
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct connection *connection = &peer->connections[i];
        if (connection->fd >= 0)
            continue;
        int fd = accept4(peer->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        connection->fd = fd;
        connection->in_data = false;
        connection->mail = NULL;
        connection->size = 0;
        say(connection, "220 peer.test\r\n");
    }
}

/* ---- one process from its start to its end ---- */

struct lines { char text[4096]; size_t size; };

/* False: the other end is closed. */
static bool read_lines(int pipe, struct lines *lines, void (*told)(void *user, const char *line), void *user)
{
    ssize_t n = read(pipe, lines->text + lines->size, sizeof(lines->text) - lines->size);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    lines->size += (size_t)n;
    for (char *end; (end = memchr(lines->text, '\n', lines->size));) {
        size_t used = (size_t)(end - lines->text) + 1;
        *end = '\0';
        told(user, lines->text);
        lines->size -= used;
        memmove(lines->text, lines->text + used, lines->size);
    }
    return true;
}

static bool is_quiet(const struct peer *peer)
{
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (peer->connections[i].fd >= 0)
            return false;
    return true;
}

bool peer_serve(struct peer *peer, int pidfd, int pipe, void (*told)(void *user, const char *line), void *user,
                int seconds)
{
    struct lines lines = { .size = 0 };
    bool dead = false, closed = false;
    time_t until = time(NULL) + seconds;

    while (time(NULL) <= until) {
        struct pollfd fds[CONNECTIONS + 3] = { { .fd = peer->fd, .events = POLLIN },
                                               { .fd = closed ? -1 : pipe, .events = POLLIN },
                                               { .fd = dead ? -1 : pidfd, .events = POLLIN } };
        for (unsigned i = 0; i < CONNECTIONS; i++)
            fds[3 + i] = (struct pollfd){ .fd = peer->connections[i].fd, .events = POLLIN };
        int ready = poll(fds, CONNECTIONS + 3, dead && closed ? 0 : 1000);
        if (ready == 0 && dead && closed && is_quiet(peer))
            return true;
        if (fds[1].revents)
            closed = !read_lines(pipe, &lines, told, user);
        dead = dead || fds[2].revents;
        for (unsigned i = 0; i < CONNECTIONS; i++)
            if (fds[3 + i].revents && peer->connections[i].fd >= 0)
                read_some(peer, &peer->connections[i]);
        if (fds[0].revents)
            take_connections(peer);
    }
    return false;
}
