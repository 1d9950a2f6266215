/* SPDX-License-Identifier: EUPL-1.2 */
/* convened.conf as the program sees it. THE table of settings is in settings.c: name, type, default, bounds,
 * whether a reload takes it over, help. Parsing, checking, the sample file and the manual's list come from it.
 * Loaded by main, ctl; read-only afterwards, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct faults;

struct settings_list {
    size_t count;
    const char *const *items;
};

enum settings_conformance { SETTINGS_CONFORMS_FULLY, SETTINGS_CONFORMS_PARTLY, SETTINGS_CONFORMS_NOT };
enum settings_assessment { SETTINGS_ASSESSED_NOT, SETTINGS_ASSESSED_SELF, SETTINGS_ASSESSED_OTHERS };
enum settings_smtputf8 { SETTINGS_SMTPUTF8_NONE, SETTINGS_SMTPUTF8_OFFERED };
enum settings_tls { SETTINGS_TLS_NONE, SETTINGS_TLS_REQUIRED }; /* STARTTLS; smtps:// is TLS by itself. Never "try". */

/* One text in some languages. A language is NULL where the file does not say it. */
struct settings_text {
    size_t count;
    const char **languages, **bodies;
};

/* Of one theme; see colour.h for the form. */
struct settings_colours {
    uint32_t brand, on_brand, cover, on_cover;
};

/* The accessibility statement, at /accessibility. */
struct settings_statement {
    enum settings_conformance conformance;
    struct settings_text law;
    struct settings_text limits;      /* Markdown */
    struct settings_text enforcement; /* Markdown */
    const char *contact;              /* an address; NULL: the host's */
    const char *prepared, *reviewed;  /* "2026-11-20"; may be NULL */
    enum settings_assessment assessed;
};

/* The organisation in whose name pages and mails speak; see hosts.h. */
struct settings_host {
    const char *id;   /* NULL: made of the group mail */
    const char *name; /* the brand */
    const char *from; /* as given; NULL */
    const char *from_name, *from_address; /* derived */
    const char *reply_to;         /* may be NULL */
    const char *bounce_address;   /* what comes back goes to it, with +TOKEN; NULL: to from_address, without */
    const char *controller;       /* may be NULL */
    const char *contact;          /* an address; never NULL once derived */
    struct {
        const char *ending; /* "png", "svg"; NULL: the built-in one */
        const char *data;
        size_t size;
    } logo;
    bool has_colours; /* else the built-in ones */
    struct settings_colours light, dark;
    struct settings_text imprint; /* Markdown */
    struct settings_statement accessibility;
};

struct settings {
    struct {
        struct settings_list listen; /* "ADDRESS:PORT", "[ADDRESS]:PORT", "unix:PATH" */
        const char *base_url;        /* without a final slash */
        int64_t workers;
        struct settings_list trusted_proxies; /* addresses, CIDR, "unix:" */
        int64_t page_cache;                   /* bytes */
        int64_t body_limit;                   /* bytes of a POST */
        int64_t field_limit;                  /* fields of a form */
        const char *security_contact;         /* URI; NULL: the help contact */
    } http;
    struct {
        const char *url;      /* "sqlite:PATH" */
        const char *path;     /* the PATH of it; derived */
        const char *key_file; /* default: beside the store, suffix .key; derived if not given */
        int64_t readers;
        int64_t queue; /* sign-ups waiting for the writer; full is 503 */
    } store;
    struct {
        const char *directory;
    } events;
    struct {
        const char *smtp_url;
        const char *from;         /* display name and address */
        const char *from_name;    /* derived */
        const char *from_address; /* derived */
        const char *reply_to;     /* may be NULL */
        const char *bounce_address; /* may be NULL */
        int64_t bounce_limit;     /* so many mails that could not be delivered for now make an address undeliverable */
        const char *username;     /* may be NULL */
        const char *password_file;
        enum settings_tls tls;
        const char *ca_file;
        const char *helo_name;
        enum settings_smtputf8 smtputf8;
        const char *templates; /* folder of own mails; NULL: none */
        int64_t senders;
        int64_t probe;   /* seconds between two tries of a server that cannot be reached */
        int64_t timeout; /* seconds for a server's reply */
        int64_t rate_per_minute, per_domain_per_minute; /* mails; 0: no limit */
        const char *alarm_to; /* may be NULL */
        const char *alarm_language;
        int64_t alarm_age;      /* seconds; 0: no such alarm */
        int64_t alarm_failures; /* per cent; 0: no such alarm */
    } mail;
    struct {
        int64_t header_seconds, body_seconds, reply_seconds, idle_seconds;
        int64_t connections; /* 0: as many as the descriptors allow */
        int64_t connections_per_address;
        int64_t burst, per_minute, network_factor;
        int64_t mails_per_address_per_hour;
        int64_t refused_per_event_per_minute;
    } limits;
    struct {
        size_t count; /* at least one */
        const struct settings_host *items;
    } hosts;
    struct settings_statement accessibility; /* of hosts that say nothing else: pages ask the host */
    struct {
        const char *level;
    } log;
    struct {
        struct settings_list listen; /* empty: no metrics are served */
    } metrics;
};

/* Reads and checks FILE. Every fault goes to FAULTS, unknown keys included; with a fault *ret_settings is untouched
 * and -EINVAL comes back. -ENOMEM. */
int settings_load(const char *file, struct faults *faults, struct settings **ret_settings)
    __attribute__((warn_unused_result));
void settings_free(struct settings *settings);

/* The folder of the events, if FILE says so much whatever its faults: `convened -t` checks the events all the same.
 * For free(). -EINVAL: it does not. -ENOMEM. */
int settings_events(const char *file, char **ret_directory) __attribute__((warn_unused_result));

/* The first key that differs and that a reload cannot take over ("http.listen"); NULL: none. */
const char *settings_needs_restart(const struct settings *old, const struct settings *new);

/* Every listener is a loopback address or a Unix socket. A clock that is not the real one opens and closes events for
 * everybody, so it is allowed only there. */
bool settings_only_loopback(const struct settings *settings);
/* Local parts beyond ASCII are taken in forms. */
static inline bool settings_takes_utf8(const struct settings *settings)
{
    return settings->mail.smtputf8 == SETTINGS_SMTPUTF8_OFFERED;
}

/* NULL: VALUE is one bare email address that every server takes; else what is wrong with it. */
const char *settings_check_address(const char *value);

/* conf/convened.conf: every key with its help, bounds and default, commented out but those without which nothing
 * works. And the list of the manual convened.conf(5) as roff. Printed by tests/lint/settings_print. */
void settings_print_conf(FILE *out);
void settings_print_man(FILE *out);
