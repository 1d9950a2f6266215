/* SPDX-License-Identifier: EUPL-1.2 */
/* convened, the daemon: ordered start, run, ordered stop. The main thread keeps signals, the mail queue's timers and
 * reload; everything else has its own threads (ARCHITECTURE.md, "Threads"). */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/metrics.h"
#include "base/token.h"
#include "config/settings.h"
#include "event/zone.h"
#include "expiry.h"
#include "http/guard.h"
#include "http/server.h"
#include "load.h"
#include "mail/message.h"
#include "mail/queue.h"
#include "page/page_metrics.h"
#include "page/site.h"
#include "report/record.h"
#include "store/store.h"
#include "view/edition.h"

#define DRAIN_MS 5000
#define REVISIONS_KEPT 64
#define HEADER_LIMIT 16384
#define METRICS_CONNECTIONS 16

struct options {
    const char *settings, *clock;
    bool check;
};

/* What the daemon is made of, in the order in which it is made. */
struct daemon {
    struct options options;
    struct clock *clock;
    struct metrics *metrics;
    struct guard *guard;
    struct store *store;
    struct keyring *keyring;
    struct edition *edition;
    struct revisions *revisions;
    struct event_base *base;
    struct mailbox *mailbox;
    struct event *on_mail, *on_store, *on_hup, *on_term, *on_int;
    struct site *site;
    struct http_server *http;
    struct http_site metrics_site;
    struct http_server *metrics_http; /* NULL: none is asked for */
    struct mail_queue *queue;
    struct expiry *expiry;
    int64_t events_off; /* as many as the edition knows of */
    bool reloading, reload_again, stopping;
};

/* ---- reload ---- */

static enum log_level level_by_name(const char *name)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return (enum log_level)i;
    return LOG_LEVEL_INFO;
}

static void start_reload(struct daemon *d);

static struct guard_limits limits_of(const struct settings *settings)
{
    return (struct guard_limits){ .connections = settings->limits.connections_per_address,
                                  .burst = settings->limits.burst,
                                  .per_minute = settings->limits.per_minute,
                                  .network = settings->limits.network_factor,
                                  .refused_per_event = settings->limits.refused_per_event_per_minute };
}

static void take_edition(struct daemon *d, struct edition *edition)
{
    struct edition *old = d->edition;
    const char *key = settings_needs_restart(old->settings, edition->settings);
    if (key)
        log_warning("settings.needs_restart", LOG_TEXT("key", key));
    d->edition = edition;
    log_setup(level_by_name(edition->settings->log.level));
    const struct guard_limits limits = limits_of(edition->settings);
    guard_change(d->guard, &limits);
    for (unsigned i = 0; i < http_server_workers(d->http); i++)
        if (site_post_edition(d->site, http_server_mailbox(d->http, i), edition) < 0)
            log_error("reload.worker_missed", LOG_INT("worker", i));
    mail_queue_edition(d->queue, edition);
    expiry_edition(d->expiry, edition);
    edition_unref(old);
}

static void end_reload(struct daemon *d, const char *what, int r)
{
    if (r < 0)
        log_error("reload.failed", LOG_TEXT("step", what), LOG_ERRNO(r));
    else
        log_info("reload.done");
    d->reloading = false;
    mail_queue_wake(d->queue);
    expiry_wake(d->expiry);
    if (d->reload_again) {
        start_reload(d);
        return;
    }
    (void)sd_notify(0, "READY=1");
}

/* The writer has taken the revisions over, or has not. */
static void on_revisions(struct post *post)
{
    struct load *load = (struct load *)post; /* take.job.post is the first member of it all */
    struct daemon *d = load->daemon;
    struct edition *edition;
    int r = load->take.job.outcome;
    if (d->stopping) { /* the workers have gone already */
        load_free(load);
        return;
    }
    if (r == 0)
        r = load_edition(load, &edition);
    if (r == 0)
        take_edition(d, edition);
    load_free(load);
    end_reload(d, "edition", r);
}

static void start_reload(struct daemon *d)
{
    struct load *load;
    d->reloading = true;
    d->reload_again = false;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
    int r = load_new(d->options.settings, NULL, &load);
    if (r == 0) {
        load->daemon = d;
        load->take.job.reply_to = d->mailbox;
        load->take.job.post.arrive = on_revisions;
        r = store_submit(d->store, &load->take.job);
        if (r < 0)
            load_free(load);
    }
    if (r < 0)
        end_reload(d, "load", r);
}

static void ask_reload(struct daemon *d)
{
    if (d->reloading)
        d->reload_again = true; /* one at a time, but the files may have changed since this one read them */
    else
        start_reload(d);
}

static void on_reload(evutil_socket_t signal, short what, void *arg)
{
    struct daemon *d = arg;
    (void)signal;
    (void)what;
    int r = clock_reread(d->clock);
    if (r < 0)
        log_warning("clock.unread", LOG_ERRNO(r));
    ask_reload(d);
}

/* convenectl called an event off: pages are to say so at once. */
static void look_for_off(struct daemon *d)
{
    const int64_t count = store_events_off(d->store);
    if (count == d->events_off)
        return;
    d->events_off = count;
    ask_reload(d);
}

/* ---- start ---- */

static int setup_libraries(void)
{
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -EIO;
    json_object_seed(0);
    message_setup();
    return zone_setup();
}

/* A new store gets a new key; a key file that is missing for an existing one would kill every link that was mailed. */
static int setup_keys(struct daemon *d, const struct settings *settings, bool created)
{
    int r = created ? keyring_create(settings->store.key_file) : 0;
    if (r == -EEXIST) /* put there before by the admin, or left by a start that broke off */
        r = 0;
    if (r == 0)
        r = keyring_load(settings->store.key_file, &d->keyring);
    if (r < 0)
        log_error("key_file.unfit", LOG_TEXT("file", settings->store.key_file), LOG_ERRNO(r),
                  LOG_TEXT("why", "the store needs the key file it was made with: restore it from the backup"));
    return r;
}

/* The key of a store that is not there yet, before the store: a start that breaks off between the two, or cannot write
 * the key, must not leave a store that has none. */
static int make_first_key(const struct settings *settings)
{
    if (access(settings->store.path, F_OK) == 0 || errno != ENOENT)
        return 0;
    int r = keyring_create(settings->store.key_file);
    if (r == 0 || r == -EEXIST)
        return 0;
    log_error("key_file.unmade", LOG_TEXT("file", settings->store.key_file), LOG_ERRNO(r));
    return r;
}

static int setup_store(struct daemon *d, const struct settings *settings)
{
    bool created;
    const struct store_options options = { .path = settings->store.path,
                                           .readers = (unsigned)settings->store.readers,
                                           .queue = (size_t)settings->store.queue,
                                           .clock = d->clock, .metrics = d->metrics };
    int r = make_first_key(settings);
    if (r < 0)
        return r;
    r = store_open(&options, &d->store, &created);
    if (r < 0) {
        log_error("store.unfit", LOG_TEXT("path", settings->store.path), LOG_ERRNO(r),
                  LOG_TEXT("why", r == -EBUSY    ? "another convened has it"
                                  : r == -EPROTO ? "not a store of this version"
                                                 : "cannot be opened"));
        return r;
    }
    return setup_keys(d, settings, created);
}

static int setup_edition(struct daemon *d, struct load *load)
{
    int r = store_run(d->store, &load->take.job);
    if (r == 0)
        r = load_edition(load, &d->edition);
    if (r < 0)
        log_error("edition.unfit", LOG_ERRNO(r));
    return r;
}

static void on_mailbox(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    mailbox_deliver(((struct daemon *)arg)->mailbox);
}

static void on_store_wake(evutil_socket_t fd, short what, void *arg)
{
    struct daemon *d = arg;
    (void)fd;
    (void)what;
    store_wake_clear(d->store);
    if (store_broken(d->store))
        (void)event_base_loopbreak(d->base);
    else {
        mail_queue_wake(d->queue);
        expiry_wake(d->expiry);
        look_for_off(d);
    }
}

static void on_stop(evutil_socket_t signal, short what, void *arg)
{
    struct daemon *d = arg;
    (void)what;
    log_info("stop", LOG_INT("signal", signal));
    (void)event_base_loopbreak(d->base);
}

static int add_event(struct daemon *d, struct event **ret_event, int fd, short what, event_callback_fn callback)
{
    *ret_event = event_new(d->base, fd, (short)(what | EV_PERSIST), callback, d);
    return *ret_event && event_add(*ret_event, NULL) == 0 ? 0 : -ENOMEM;
}

static int setup_loop(struct daemon *d)
{
    d->base = event_base_new();
    if (!d->base)
        return -ENOMEM;
    int r = mailbox_new(&d->mailbox);
    if (r == 0)
        r = add_event(d, &d->on_mail, mailbox_fd(d->mailbox), EV_READ, on_mailbox);
    if (r == 0)
        r = add_event(d, &d->on_store, store_wake_fd(d->store), EV_READ, on_store_wake);
    if (r == 0)
        r = add_event(d, &d->on_hup, SIGHUP, EV_SIGNAL, on_reload);
    if (r == 0)
        r = add_event(d, &d->on_term, SIGTERM, EV_SIGNAL, on_stop);
    if (r == 0)
        r = add_event(d, &d->on_int, SIGINT, EV_SIGNAL, on_stop);
    return r;
}

static struct http_limits times_of(const struct settings *settings, size_t connections)
{
    return (struct http_limits){ .head = settings->limits.header_seconds * 1000,
                                 .body = settings->limits.body_seconds * 1000,
                                 .reply = settings->limits.reply_seconds * 1000,
                                 .idle = settings->limits.idle_seconds * 1000,
                                 .connections = connections };
}

static int setup_site(struct daemon *d)
{
    const struct settings *settings = d->edition->settings;
    const struct site_options site = { .store = d->store,
                                       .clock = d->clock,
                                       .keyring = d->keyring,
                                       .revisions = d->revisions,
                                       .edition = d->edition,
                                       .guard = d->guard,
                                       .metrics = d->metrics };
    int r = site_new(&site, &d->site);
    if (r < 0)
        return r;
    int fds[64], count = sd_listen_fds(1);
    for (int i = 0; i < count && i < 64; i++)
        fds[i] = SD_LISTEN_FDS_START + i;
    const struct http_options http = { .listen = &settings->http.listen,
                                       .fds = fds,
                                       .fd_count = count > 0 ? (size_t)(count < 64 ? count : 64) : 0,
                                       .workers = (unsigned)settings->http.workers,
                                       .header_limit = HEADER_LIMIT,
                                       .body_limit = (size_t)settings->http.body_limit,
                                       .field_limit = (size_t)settings->http.field_limit,
                                       .limits = times_of(settings, (size_t)settings->limits.connections),
                                       .site = site_http(d->site),
                                       .guard = d->guard,
                                       .metrics = d->metrics };
    return http_server_new(&http, &d->http);
}

/* Beside the public's server, so that the public cannot reach it; it counts and limits nothing itself. */
static int setup_metrics(struct daemon *d)
{
    const struct settings *settings = d->edition->settings;
    if (settings->metrics.listen.count == 0)
        return 0;
    d->metrics_site = page_metrics_site(d->metrics);
    const struct http_options http = { .listen = &settings->metrics.listen,
                                       .workers = 1,
                                       .header_limit = HEADER_LIMIT,
                                       .limits = times_of(settings, METRICS_CONNECTIONS),
                                       .site = &d->metrics_site };
    return http_server_new(&http, &d->metrics_http);
}

static int setup_guard(struct daemon *d, const struct settings *settings)
{
    const struct guard_limits limits = limits_of(settings);
    int r = metrics_new(&d->metrics);
    if (r == 0)
        r = guard_new(&limits, &d->guard);
    return r;
}

static int setup_queue(struct daemon *d)
{
    const struct mail_queue_options options = { .base = d->base,
                                                .mailbox = d->mailbox,
                                                .store = d->store,
                                                .clock = d->clock,
                                                .keyring = d->keyring,
                                                .revisions = d->revisions,
                                                .edition = d->edition,
                                                .metrics = d->metrics };
    return mail_queue_new(&options, &d->queue);
}

static int setup_expiry(struct daemon *d)
{
    const struct expiry_options options = { .base = d->base, .mailbox = d->mailbox, .store = d->store,
        .clock = d->clock, .edition = d->edition };
    return expiry_new(&options, &d->expiry);
}

static int start(struct daemon *d, struct load *load)
{
    int r = setup_guard(d, load->settings);
    if (r == 0)
        r = setup_store(d, load->settings);
    if (r == 0)
        d->events_off = store_events_off(d->store);
    if (r == 0)
        r = setup_edition(d, load);
    if (r == 0)
        r = revisions_new(REVISIONS_KEPT, &d->revisions);
    if (r == 0)
        r = setup_loop(d);
    if (r == 0)
        r = setup_site(d);
    if (r == 0)
        r = setup_metrics(d);
    if (r == 0)
        r = store_start(d->store);
    if (r == 0)
        r = setup_queue(d);
    if (r == 0)
        r = setup_expiry(d);
    if (r == 0)
        r = http_server_start(d->http);
    if (r == 0 && d->metrics_http)
        r = http_server_start(d->metrics_http);
    if (r < 0)
        log_error("start.failed", LOG_ERRNO(r));
    return r;
}

/* ---- stop ---- */

static void wait_drained(struct daemon *d, int64_t until)
{
    struct pollfd fd = { .fd = http_server_drained_fd(d->http), .events = POLLIN };
    for (int64_t left = until - clock_monotonic(); left > 0 && !http_server_drained(d->http);
         left = until - clock_monotonic())
        if (poll(&fd, 1, (int)left) < 0 && errno != EINTR)
            return;
}

/* Requests get their answers, letters under way their dot, all within DRAIN_MS; then the writer finishes what it has.
 * The workers are freed after that: the results of what it still had go to their mailboxes. */
static void stop(struct daemon *d)
{
    const int64_t until = clock_monotonic() + DRAIN_MS;
    d->stopping = true;
    if (d->http)
        http_server_drain(d->http, DRAIN_MS);
    expiry_stop(d->expiry);
    if (d->queue)
        mail_queue_stop(d->queue, DRAIN_MS);
    if (d->http)
        wait_drained(d, until);
    if (d->store)
        store_stop(d->store);
    http_server_free(d->http);
    http_server_free(d->metrics_http);
    if (d->mailbox)
        mailbox_deliver(d->mailbox);
}

static void free_all(struct daemon *d)
{
    mail_queue_free(d->queue);
    expiry_free(d->expiry);
    site_free(d->site);
    struct event *events[] = { d->on_mail, d->on_store, d->on_hup, d->on_term, d->on_int };
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i])
            event_free(events[i]);
    mailbox_free(d->mailbox);
    if (d->base)
        event_base_free(d->base);
    revisions_free(d->revisions);
    edition_unref(d->edition);
    keyring_free(d->keyring);
    store_close(d->store);
    guard_free(d->guard);
    metrics_free(d->metrics);
    clock_free(d->clock);
    curl_global_cleanup();
    libevent_global_shutdown();
}

/* ---- the command ---- */

static int serve(const struct options *options)
{
    struct daemon d = { .options = *options };
    struct load *load;
    int r = load_new(options->settings, NULL, &load);
    if (r < 0)
        return 1;
    log_setup(level_by_name(load->settings->log.level));
    if (options->clock && (!settings_only_loopback(load->settings) || sd_listen_fds(0) > 0)) {
        log_error("clock.refused", LOG_TEXT("why", "--clock-file is for tests: every listener must be on loopback"));
        load_free(load);
        return 1;
    }
    r = clock_new(options->clock, &d.clock);
    if (r < 0)
        log_error("clock.unfit", LOG_ERRNO(r));
    else
        r = start(&d, load);
    load_free(load);
    if (r == 0) {
        for (size_t i = 0; http_server_address(d.http, i); i++)
            log_info("listening", LOG_TEXT("address", http_server_address(d.http, i)));
        (void)sd_notify(0, "READY=1");
        log_info("ready", LOG_TEXT("version", PACKAGE_VERSION));
        (void)event_base_dispatch(d.base);
        (void)sd_notify(0, "STOPPING=1");
    }
    stop(&d);
    bool broken = d.store && store_broken(d.store); /* it may break in the drain too */
    free_all(&d);
    log_info("stopped");
    return r < 0 || broken ? 1 : 0;
}

static void usage(FILE *out)
{
    (void)fputs("Usage: convened [-c FILE] [--clock-file PATH]\n"
                "       convened -t [-c FILE]\n"
                "       convened -V | -h\n"
                "  -c, --config FILE      settings, see convened.conf(5);\n"
                "                         default " SYSCONFDIR "/convened/convened.conf\n"
                "  -t, --test             check settings and events, then end\n"
                "      --clock-file PATH  a settable clock, for tests on loopback\n"
                "  -V, --version          print the version\n"
                "  -h, --help             print this\n",
                out);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        { "config", required_argument, NULL, 'c' },     { "test", no_argument, NULL, 't' },
        { "version", no_argument, NULL, 'V' },          { "help", no_argument, NULL, 'h' },
        { "clock-file", required_argument, NULL, 'k' }, { NULL, 0, NULL, 0 }
    };
    struct options options = { .settings = SYSCONFDIR "/convened/convened.conf" };
    int c;

    while ((c = getopt_long(argc, argv, "c:tVh", longs, NULL)) >= 0)
        switch (c) {
        case 'c':
            options.settings = optarg;
            break;
        case 't':
            options.check = true;
            break;
        case 'k':
            options.clock = optarg;
            break;
        case 'V':
            (void)puts("convened " PACKAGE_VERSION);
            return 0;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 1;
        }
    if (optind < argc) {
        usage(stderr);
        return 1;
    }
    (void)umask(0027); /* registrations are nobody else's to read; a reading group may */
    (void)signal(SIGPIPE, SIG_IGN);
    log_setup(LOG_LEVEL_INFO);
    int r = setup_libraries();
    if (r < 0) {
        log_error("libraries.failed", LOG_ERRNO(r));
        return 1;
    }
    return options.check ? load_check(options.settings) : serve(&options);
}
