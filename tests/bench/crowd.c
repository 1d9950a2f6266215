/* SPDX-License-Identifier: EUPL-1.2 */
/* A crowd: COUNT visitors at once, each with a connection and a loopback address of its own, who all get the form, read
 * for some seconds and then post it together. One thread, epoll. Prints what came back as one JSON object.
 * crowd PORT PATH COUNT SECONDS. Caller: tests/bench/peak.py. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEAL_SIZE 256
#define PER_NETWORK 250 /* addresses used of each /24 */
#define STATUSES 600
#define DEADLINE 120000 /* ms for each of the two rounds */

enum at { AT_NOTHING, AT_CONNECT, AT_ANSWER, AT_DONE };

struct visitor {
    int fd;
    enum at at;
    int64_t sent;
    char *out, *in;
    size_t out_size, out_done, in_size, in_room;
    char seal[SEAL_SIZE];
    int status; /* of the last answer; 0: none, the connection broke */
};

struct round {
    size_t open, connected;
    int64_t started, ended, *times;
    size_t time_count;
    unsigned statuses[STATUSES];
};

struct crowd {
    const char *path;
    uint16_t port;
    size_t count;
    struct visitor *visitors;
    int epoll;
};

static int64_t now(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static void die(const char *what)
{
    perror(what);
    exit(2);
}

/* 127.1.0.1 and on, so that no limit of an address or of a network bites. */
static struct sockaddr_in address_of(size_t number)
{
    uint32_t network = (uint32_t)(number / PER_NETWORK), host = (uint32_t)(number % PER_NETWORK) + 1;
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010000u + (network << 8) + host) };
}

static void watch(struct crowd *crowd, size_t number, uint32_t events, int how)
{
    struct epoll_event event = { .events = events, .data.u64 = number };
    if (epoll_ctl(crowd->epoll, how, crowd->visitors[number].fd, &event) < 0)
        die("epoll_ctl");
}

static void dial(struct crowd *crowd, size_t number)
{
    struct visitor *visitor = &crowd->visitors[number];
    struct sockaddr_in own = address_of(number);
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(crowd->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int yes = 1;
    visitor->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (visitor->fd < 0)
        die("socket");
    (void)setsockopt(visitor->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(visitor->fd, (struct sockaddr *)&own, sizeof own) < 0)
        die("bind");
    if (connect(visitor->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        die("connect");
    visitor->at = AT_CONNECT;
    watch(crowd, number, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

static void finish(struct crowd *crowd, struct round *round, struct visitor *visitor, int status)
{
    visitor->at = AT_DONE;
    visitor->status = status;
    round->open--;
    round->statuses[status]++;
    if (status > 0)
        round->times[round->time_count++] = now() - visitor->sent;
    if (status == 0 && visitor->fd >= 0) {
        (void)close(visitor->fd);
        visitor->fd = -1;
    }
    (void)crowd;
}

/* The status of a whole answer; 0: more is to come. */
static int whole_answer(const struct visitor *visitor)
{
    const char *body = visitor->in ? strstr(visitor->in, "\r\n\r\n") : NULL;
    if (!body || strncmp(visitor->in, "HTTP/1.1 ", 9) != 0)
        return 0;
    body += 4;
    const char *length = strstr(visitor->in, "\r\nContent-Length: ");
    size_t size = length && length < body ? strtoul(length + 18, NULL, 10) : 0;
    long status = strtol(visitor->in + 9, NULL, 10);
    if (status < 100 || status >= STATUSES || (size_t)(visitor->in + visitor->in_size - body) < size)
        return 0;
    return (int)status;
}

static void keep_seal(struct visitor *visitor)
{
    const char *at = strstr(visitor->in, "name=\"_form\" value=\"");
    if (!at)
        return;
    at += strlen("name=\"_form\" value=\"");
    size_t size = strcspn(at, "\"");
    if (size < SEAL_SIZE) {
        memcpy(visitor->seal, at, size);
        visitor->seal[size] = '\0';
    }
}

/* False: the connection is gone. */
static bool receive(struct visitor *visitor)
{
    for (;;) {
        if (visitor->in_room - visitor->in_size < 4096) {
            visitor->in_room = visitor->in_room ? visitor->in_room * 2 : 16384;
            visitor->in = realloc(visitor->in, visitor->in_room + 1);
            if (!visitor->in)
                die("memory");
        }
        ssize_t n = recv(visitor->fd, visitor->in + visitor->in_size, visitor->in_room - visitor->in_size, 0);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        if (n == 0)
            return false;
        visitor->in_size += (size_t)n;
        visitor->in[visitor->in_size] = '\0';
    }
}

static bool transmit(struct visitor *visitor)
{
    while (visitor->out_done < visitor->out_size) {
        ssize_t n =
            send(visitor->fd, visitor->out + visitor->out_done, visitor->out_size - visitor->out_done, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        visitor->out_done += (size_t)n;
    }
    return true;
}

static void serve(struct crowd *crowd, struct round *round, size_t number, uint32_t events)
{
    struct visitor *visitor = &crowd->visitors[number];
    bool alive = true;
    if (visitor->at == AT_DONE)
        return;
    if (visitor->at == AT_CONNECT && (events & EPOLLOUT)) {
        visitor->at = AT_ANSWER;
        round->connected++;
    }
    if (events & EPOLLOUT) {
        alive = transmit(visitor);
        if (alive && visitor->out_done == visitor->out_size)
            watch(crowd, number, EPOLLIN, EPOLL_CTL_MOD);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        alive = receive(visitor);
    int status = whole_answer(visitor);
    if (status > 0)
        finish(crowd, round, visitor, status);
    else if (!alive)
        finish(crowd, round, visitor, 0);
}

/* Everybody sends what is in OUT, and waits for the answer. */
static void run(struct crowd *crowd, struct round *round)
{
    struct epoll_event events[1024];
    round->started = now();
    while (round->open > 0 && now() - round->started < DEADLINE) {
        int n = epoll_wait(crowd->epoll, events, 1024, 1000);
        for (int i = 0; i < n; i++)
            serve(crowd, round, (size_t)events[i].data.u64, events[i].events);
    }
    round->ended = now();
}

static void say(struct crowd *crowd, struct visitor *visitor, size_t number, bool post)
{
    char body[1024], text[2048];
    int size = 0;
    if (post)
        size =
            snprintf(body, sizeof body, "name=Visitor+%zu&email=visitor%zu%%40umed.example&_form=%s&_website=", number,
                     number, visitor->seal);
    int length =
        post ? snprintf(text, sizeof text,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
                        crowd->path, crowd->port, size, body)
             : snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", crowd->path, crowd->port);
    free(visitor->out);
    visitor->out = strdup(text);
    if (!visitor->out)
        die("memory");
    visitor->out_size = (size_t)length;
    visitor->out_done = visitor->in_size = 0;
    if (visitor->in)
        visitor->in[0] = '\0';
    visitor->status = 0;
    visitor->sent = now();
}

static int by_size(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;
    return one < two ? -1 : one > two;
}

static void report(const char *name, struct round *round, const char *end)
{
    bool first = true;
    qsort(round->times, round->time_count, sizeof *round->times, by_size);
    (void)printf("\"%s\": {\"statuses\": {", name);
    for (int status = 0; status < STATUSES; status++)
        if (round->statuses[status] > 0) {
            (void)printf("%s\"%d\": %u", first ? "" : ", ", status, round->statuses[status]);
            first = false;
        }
    size_t n = round->time_count;
    (void)printf("}, \"unanswered\": %zu, \"seconds\": %.2f, \"median_ms\": %ld, \"slowest_ms\": %ld}%s", round->open,
                 (double)(round->ended - round->started) / 1000, n ? (long)round->times[n / 2] : -1L,
                 n ? (long)round->times[n - 1] : -1L, end);
}

static void begin(struct crowd *crowd, struct round *round)
{
    *round = (struct round){ .times = calloc(crowd->count, sizeof(int64_t)) };
    if (!round->times)
        die("memory");
}

static void get_all(struct crowd *crowd, struct round *round)
{
    begin(crowd, round);
    for (size_t i = 0; i < crowd->count; i++) {
        say(crowd, &crowd->visitors[i], i, false);
        dial(crowd, i);
        round->open++;
    }
    run(crowd, round);
}

/* Everybody who has a form sends it, on the connection that he has. */
static void post_all(struct crowd *crowd, struct round *round)
{
    begin(crowd, round);
    for (size_t i = 0; i < crowd->count; i++) {
        struct visitor *visitor = &crowd->visitors[i];
        if (visitor->status == 200)
            keep_seal(visitor);
        if (visitor->fd < 0 || !visitor->seal[0])
            continue;
        say(crowd, visitor, i, true);
        visitor->at = AT_ANSWER;
        round->open++;
        watch(crowd, i, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    }
    run(crowd, round);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fprintf(stderr, "usage: crowd PORT PATH COUNT SECONDS\n");
        return 2;
    }
    struct crowd crowd = { .path = argv[2],
                           .port = (uint16_t)strtoul(argv[1], NULL, 10),
                           .count = strtoul(argv[3], NULL, 10),
                           .epoll = epoll_create1(EPOLL_CLOEXEC) };
    struct rlimit limit = { crowd.count + 100, crowd.count + 100 };
    crowd.visitors = calloc(crowd.count, sizeof *crowd.visitors);
    if (crowd.epoll < 0 || !crowd.visitors || setrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("start");
    struct round get, post;
    get_all(&crowd, &get);
    struct timespec reading = { .tv_sec = strtol(argv[4], NULL, 10) };
    (void)nanosleep(&reading, NULL);
    post_all(&crowd, &post);
    (void)printf("{\"visitors\": %zu, ", crowd.count);
    report("get", &get, ", ");
    report("post", &post, "}\n");
    return 0;
}
