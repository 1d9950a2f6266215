/* SPDX-License-Identifier: EUPL-1.2 */
/* THE table of settings, and how convened.conf is read by it. Nothing about a setting is said anywhere else: the
 * sample file and the manual's list are printed from this table (settings_print.c).
 * Called by main and ctl before the threads and at reload. */
#include "config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/faults.h"
#include "base/file.h"
#include "config/hosts.h"
#include "config/settings_table.h"
#include "config/settings_text.h"
#include "config/source.h"

#define FILE_MAX (1024 * 1024)
#define TEXT_MAX 1000
#define WORDS_MAX 20000
#define AT(member) offsetof(struct settings, member)

static const char *const tls_words[] = { [SETTINGS_TLS_NONE] = "none", [SETTINGS_TLS_REQUIRED] = "required", NULL };
static const char *const smtputf8_words[] = { [SETTINGS_SMTPUTF8_NONE] = "none",
                                              [SETTINGS_SMTPUTF8_OFFERED] = "offered", NULL };
static const char *const conformance_words[] = { [SETTINGS_CONFORMS_FULLY] = "full",
                                                 [SETTINGS_CONFORMS_PARTLY] = "partial",
                                                 [SETTINGS_CONFORMS_NOT] = "none", NULL };
static const char *const assessment_words[] = { [SETTINGS_ASSESSED_NOT] = "none", [SETTINGS_ASSESSED_SELF] = "self",
                                                [SETTINGS_ASSESSED_OTHERS] = "third_party", NULL };
static const char *const level_words[] = { "error", "warning", "info", "debug", NULL };

static const struct setting rows[] = {
    { "http.listen", SETTING_LIST, AT(http.listen), .initial = "127.0.0.1:8080", .max = 16,
      .check = settings_check_listen,
      .help = "Where convened listens: \"ADDRESS:PORT\", \"[ADDRESS]:PORT\" or \"unix:PATH\". It speaks plain HTTP: "
              "put a proxy with TLS before it. Ignored when systemd hands sockets over." },
    { "http.base_url", SETTING_TEXT, AT(http.base_url), .reload = true, .required = true,
      .sample = "http://127.0.0.1:8080", .check = settings_check_base_url,
      .help = "The address under which the public reaches the pages, without a final slash. Every link in pages and "
              "mails is made from it, never from what a request says." },
    { "http.workers", SETTING_INT, AT(http.workers), .number = 1, .min = 1, .max = 64,
      .help = "Threads that answer requests. One is enough for thousands of visitors." },
    { "http.trusted_proxies", SETTING_LIST, AT(http.trusted_proxies), .max = 64, .reload = true,
      .check = settings_check_proxy, .unset = "no proxy is trusted",
      .help = "Proxies whose X-Forwarded-For is believed: addresses, ADDRESS/BITS, or \"unix:\" for whoever comes "
              "through a unix socket." },
    { "http.page_cache", SETTING_INT, AT(http.page_cache), .reload = true, .number = 16 * 1024 * 1024, .min = 0,
      .max = 1024 * 1024 * 1024,
      .help = "Bytes that the finished pages of each worker may take in memory, so that a crowd does not cost a "
              "rendering each. 0: none are kept." },
    { "http.body_limit", SETTING_INT, AT(http.body_limit), .number = 128 * 1024, .min = 4096, .max = 16 * 1024 * 1024,
      .help = "Bytes of a form that is sent in. What is longer is refused with 413. A Greek or Cyrillic letter takes "
              "six; a check of the events warns of a form that can become longer." },
    { "http.field_limit", SETTING_INT, AT(http.field_limit), .number = 420, .min = 16, .max = 10000,
      .help = "Controls of a form that is sent in. What has more is refused with 413." },
    { "http.security_contact", SETTING_TEXT, AT(http.security_contact), .reload = true,
      .check = settings_check_contact, .unset = "the address for questions",
      .help = "Where a weakness of the site can be reported, for /.well-known/security.txt: \"mailto:ADDRESS\" or "
              "\"https://HOST/PATH\"." },

    { "store.url", SETTING_TEXT, AT(store.url), .required = true,
      .sample = "sqlite:/var/lib/convened/convened.db", .check = settings_check_store_url,
      .help = "Where registrations are kept: \"sqlite:\" and the absolute path of the file." },
    { "store.key_file", SETTING_TEXT, AT(store.key_file), .check = settings_check_path,
      .unset = "beside the store, with the suffix .key",
      .help = "The secret keys that links are signed with. It is made together with a new store; with an existing "
              "store the start stops if it is missing. Back it up: without it every link that was mailed is dead." },
    { "store.readers", SETTING_INT, AT(store.readers), .number = 2, .min = 1, .max = 32,
      .help = "Threads that read the store for pages." },
    { "store.queue", SETTING_INT, AT(store.queue), .number = 10000, .min = 1, .max = 1000000,
      .help = "Sign-ups and other changes that may wait for the store at once, and as many look-ups. Beyond it "
              "visitors get 503 and are asked to try again." },

    { "events.directory", SETTING_TEXT, AT(events.directory), .reload = true, .required = true,
      .sample = "/etc/convened/events.d", .check = settings_check_path,
      .help = "The folder of the event definitions, one file each, NAME.conf; see convened-event(5)." },

    { "mail.smtp_url", SETTING_TEXT, AT(mail.smtp_url), .reload = true, .required = true,
      .sample = "smtp://127.0.0.1:2525", .check = settings_check_smtp_url,
      .help = "The server that takes our mail: smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the first byte." },
    { "mail.from", SETTING_TEXT, AT(mail.from), .reload = true, .required = true,
      .sample = "Connected Health Cluster <events@cluster.example>", .check = settings_check_mailbox,
      .help = "Who the mails come from: \"Name <address>\". The name also heads the pages, unless hosts gives "
              "one. The server must be allowed to send for the address's domain, and somebody should read what is "
              "answered." },
    { "mail.reply_to", SETTING_TEXT, AT(mail.reply_to), .reload = true, .check = settings_check_address,
      .unset = "answers go to mail.from",
      .help = "The address that answers go to." },
    { "mail.bounce_address", SETTING_TEXT, AT(mail.bounce_address), .reload = true,
      .check = settings_check_bounce_address, .unset = "what cannot be delivered goes to mail.from, and is not noticed",
      .help = "The address to which mail that cannot be delivered comes back, such as bounces@events.example. Each "
              "mail gets a sender of its own, bounces+TOKEN@events.example, which no letter shows; what arrives there "
              "goes to convenectl bounce, see convened(8). The part before the @ may have 23 characters, so that the "
              "token fits. A host whose mails come from a domain of its own needs its own one: see hosts." },
    { "mail.bounce_limit", SETTING_INT, AT(mail.bounce_limit), .reload = true, .number = 3, .min = 1, .max = 100,
      .help = "How many mails to one person must come back for a reason that may pass, such as a full mailbox, until "
              "nothing is sent to the address any more. That there is no such address need be said once." },
    { "mail.username", SETTING_TEXT, AT(mail.username), .reload = true, .unset = "no login",
      .help = "The name to log in with at the server. Needs mail.password_file." },
    { "mail.password_file", SETTING_TEXT, AT(mail.password_file), .reload = true,
      .check = settings_check_path, .unset = "no login",
      .help = "The file whose one line is the password, read anew after a reload. Passwords never stand in "
              "convened.conf. A credential that systemd hands over by LoadCredential=NAME:PATH is in "
              "/run/credentials/convened.service/NAME; that is read anew only after a restart." },
    { "mail.tls", SETTING_ENUM, AT(mail.tls), .reload = true, .initial = "none", .words = tls_words,
      .help = "For smtp://: none, or required to send nothing before STARTTLS has succeeded. smtps:// is TLS by "
              "itself." },
    { "mail.ca_file", SETTING_TEXT, AT(mail.ca_file), .reload = true, .check = settings_check_path,
      .unset = "the system's authorities",
      .help = "The certificates that the server's one is checked against." },
    { "mail.helo_name", SETTING_TEXT, AT(mail.helo_name), .reload = true, .check = settings_check_host_name,
      .unset = "the name of the machine",
      .help = "The name that we greet the server with." },
    { "mail.smtputf8", SETTING_ENUM, AT(mail.smtputf8), .reload = true, .initial = "none", .words = smtputf8_words,
      .help = "With offered, forms take addresses whose part before the @ is not plain ASCII. Say so only if the "
              "server offers SMTPUTF8: with any other a mail to such an address fails, and the view mail_log says why. "
              "Domains in any script need nothing of this." },
    { "mail.templates", SETTING_TEXT, AT(mail.templates), .reload = true, .check = settings_check_path,
      .unset = "no own mails",
      .help = "A folder of your own mails: confirmed.txt.mustache and confirmed.html.mustache there stand in for ours, "
              "confirmed.lt.txt.mustache in one language, confirmed.subject.txt.mustache for the subject, and so for "
              "every kind that convenectl mail preview knows. A folder in it that is called as an event holds those of "
              "that event. Write text and HTML of a letter: a mail program shows one of them. convened -t warns of "
              "what nothing asks for, of empty and of half letters." },
    { "mail.senders", SETTING_INT, AT(mail.senders), .number = 4, .min = 1, .max = 64,
      .help = "Connections to the server at the same time. Each is a thread." },
    { "mail.probe", SETTING_INT, AT(mail.probe), .reload = true, .number = 15, .min = 1, .max = 3600,
      .help = "Seconds until one mail tries again whether a server that could not be reached is back. The others wait "
              "meanwhile; it costs none of them a try." },
    { "mail.timeout", SETTING_INT, AT(mail.timeout), .reload = true, .number = 30, .min = 1, .max = 600,
      .help = "Seconds to wait for an answer of the server." },
    { "mail.rate_per_minute", SETTING_INT, AT(mail.rate_per_minute), .reload = true, .number = 0, .min = 0,
      .max = 1000000,
      .help = "Mails that may go in a minute, in all. 0: as fast as the server takes them. Confirmations go before "
              "reminders, these before bulk mail." },
    { "mail.per_domain_per_minute", SETTING_INT, AT(mail.per_domain_per_minute), .reload = true, .number = 0, .min = 0,
      .max = 1000000,
      .help = "Mails that may go in a minute to the addresses of one domain, for hosts that refuse more. 0: as fast as "
              "the server takes them." },
    { "mail.alarm_to", SETTING_TEXT, AT(mail.alarm_to), .reload = true, .check = settings_check_address,
      .unset = "alarms are in the log, the metrics and /readyz alone",
      .help = "Who looks after the mail: gets a mail, one an hour at most of each sort, when mails wait too long, when "
              "too many are refused or when a server refuses them for reasons of policy. Best an address that does not "
              "depend on mail.smtp_url." },
    { "mail.alarm_language", SETTING_TEXT, AT(mail.alarm_language), .reload = true, .initial = "en",
      .help = "The language of these mails, a code such as \"et\". English, where there is no such translation." },
    { "mail.alarm_age", SETTING_INT, AT(mail.alarm_age), .reload = true, .number = 900, .min = 0, .max = 604800,
      .help = "Seconds that a mail may be due and not gone before there is an alarm. 0: never." },
    { "mail.alarm_failures", SETTING_INT, AT(mail.alarm_failures), .reload = true, .number = 20, .min = 0, .max = 100,
      .help = "Per cent of the last 50 mails of an hour, ten at least, that may be refused for good before there is an "
              "alarm. 0: never." },

    { "limits.header_seconds", SETTING_INT, AT(limits.header_seconds), .number = 10, .min = 1, .max = 600,
      .help = "Seconds from the first byte of a request to the end of its headers." },
    { "limits.body_seconds", SETTING_INT, AT(limits.body_seconds), .number = 30, .min = 1, .max = 3600,
      .help = "Seconds from there to the last byte of a form." },
    { "limits.reply_seconds", SETTING_INT, AT(limits.reply_seconds), .number = 60, .min = 1, .max = 3600,
      .help = "Seconds in which a visitor must have taken an answer." },
    { "limits.idle_seconds", SETTING_INT, AT(limits.idle_seconds), .number = 75, .min = 1, .max = 3600,
      .help = "Seconds that a connection may rest between two requests." },
    { "limits.connections", SETTING_INT, AT(limits.connections), .min = 0, .max = 1000000,
      .help = "Connections at once. 0: as many as the open files of the process allow." },
    { "limits.connections_per_address", SETTING_INT, AT(limits.connections_per_address), .number = 100, .min = 1,
      .max = 1000000, .reload = true,
      .help = "Connections at once from one address; one network may have limits.network_factor times more. Those of "
              "trusted proxies are not counted." },
    { "limits.burst", SETTING_INT, AT(limits.burst), .number = 60, .min = 1, .max = 1000000, .reload = true,
      .help = "Forms sent in and links opened that one address may do at once. A hospital is often one address. No "
              "other page is counted. What is above is answered with 429, with every answer kept." },
    { "limits.per_minute", SETTING_INT, AT(limits.per_minute), .number = 12, .min = 1, .max = 1000000,
      .reload = true,
      .help = "How many of these come back to an address each minute." },
    { "limits.network_factor", SETTING_INT, AT(limits.network_factor), .number = 5, .min = 1, .max = 1000,
      .reload = true,
      .help = "A network, /24 of IPv4 and /64 of IPv6, may do so many times as much as one address." },
    { "limits.mails_per_address_per_hour", SETTING_INT, AT(limits.mails_per_address_per_hour), .number = 5, .min = 1,
      .max = 1000000, .reload = true,
      .help = "Forms sent in, each of which sends a mail, that one email address may have within an hour: sign-ups and "
              "requests for a lost link. So nobody can fill a mailbox through the forms. Tags behind a plus sign count "
              "as the same address." },
    { "limits.refused_per_event_per_minute", SETTING_INT, AT(limits.refused_per_event_per_minute), .number = 600,
      .min = 1, .max = 1000000, .reload = true,
      .help = "Forms of one event that a guard refuses, as programs send them, and that are still answered with a "
              "new form. Above it they get 429. Good sign-ups are never counted." },

    { "accessibility.conformance", SETTING_ENUM, AT(accessibility.conformance), .reload = true, .initial = "partial",
      .words = conformance_words,
      .help = "How far the pages meet EN 301 549 and WCAG 2.2 AA, as you have found it: full, partial or none. What "
              "convened makes is built for all of it; what organisers write and show is theirs." },
    { "accessibility.law", SETTING_WORDS, AT(accessibility.law), .reload = true,
      .unset = "the directive alone is named",
      .help = "The law by which the pages have to be accessible, as your country names it: one string or a group by "
              "language." },
    { "accessibility.limits", SETTING_WORDS, AT(accessibility.limits), .reload = true, .unset = "none are named",
      .help = "What is not accessible, why (it does not comply, it would be a disproportionate burden, or the law does "
              "not ask for it), and what can be used instead: Markdown, as one string or as a group by language." },
    { "accessibility.contact", SETTING_TEXT, AT(accessibility.contact), .reload = true,
      .check = settings_check_address, .unset = "the host's address for questions",
      .help = "The address to which barriers are reported." },
    { "accessibility.enforcement", SETTING_WORDS, AT(accessibility.enforcement), .reload = true,
      .unset = "the statement says that it is not named yet",
      .help = "The body of your country that one can turn to if an answer does not satisfy, with a link to its "
              "procedure and its address: Markdown, as one string or as a group by language. Public bodies must name "
              "it." },
    { "accessibility.prepared", SETTING_TEXT, AT(accessibility.prepared), .reload = true,
      .check = settings_check_date, .unset = "the statement says that it bears no date yet",
      .help = "When the statement was prepared, such as 2026-11-20. Public bodies must say it." },
    { "accessibility.reviewed", SETTING_TEXT, AT(accessibility.reviewed), .reload = true,
      .check = settings_check_date, .unset = "no review is mentioned",
      .help = "When it was last reviewed, such as 2027-11-20." },
    { "accessibility.assessed", SETTING_ENUM, AT(accessibility.assessed), .reload = true, .initial = "none",
      .words = assessment_words,
      .help = "Who assessed the pages: self, third_party for somebody outside the organisation, or none, which the "
              "statement then says." },

    { "log.level", SETTING_ENUM, AT(log.level), .reload = true, .initial = "info", .words = level_words,
      .stores_word = true,
      .help = "How much is logged: error, warning, info or debug. No level shows what a visitor wrote." },

    { "metrics.listen", SETTING_LIST, AT(metrics.listen), .max = 4, .check = settings_check_listen,
      .unset = "no metrics are served",
      .help = "Where numbers for a monitoring system are served, at /metrics in the text format of Prometheus. Choose "
              "an address that the public cannot reach." },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct { const char *name, *help; } groups[] = {
    { "http", "The pages." },
    { "store", "What is kept." },
    { "events", "The events." },
    { "mail", "The mail." },
    { "limits", "What one visitor may use up." },
    { "accessibility", "The accessibility statement, at /accessibility, as Implementing Decision (EU) 2018/1523 has "
                       "it. A host may have its own." },
    { "log", "The log, which goes to standard error." },
    { "metrics", "Numbers for a monitoring system." },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* settings_load hands out its first member. */
struct loaded {
    struct settings settings;
    struct arena *arena;
};

const struct setting *settings_rows(size_t *ret_count)
{
    *ret_count = ROWS;
    return rows;
}

const char *settings_group(size_t n, const char **ret_help)
{
    if (n >= GROUPS)
        return NULL;
    *ret_help = groups[n].help;
    return groups[n].name;
}

const char *settings_name_in(const struct setting *row, const char *group)
{
    size_t size = strlen(group);
    return strncmp(row->key, group, size) == 0 && row->key[size] == '.' ? row->key + size + 1 : NULL;
}

static void *field_of(struct settings *settings, const struct setting *row)
{
    return (char *)settings + row->offset;
}

static int take_text(struct loaded *loaded, const struct setting *row, const char *text)
{
    const char **field = field_of(&loaded->settings, row);
    *field = arena_copy(loaded->arena, text);
    return text && !*field ? -ENOMEM : 0;
}

static int take_list(struct loaded *loaded, const struct setting *row, const config_setting_t *setting)
{
    struct settings_list *field = field_of(&loaded->settings, row);
    size_t count = setting ? (size_t)config_setting_length(setting) : row->initial ? 1 : 0;
    const char **items = arena_take(loaded->arena, (count + 1) * sizeof(*items));
    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        items[i] = arena_copy(loaded->arena,
                              setting ? config_setting_get_string_elem(setting, (int)i) : row->initial);
        if (!items[i])
            return -ENOMEM;
    }
    *field = (struct settings_list){ .count = count, .items = items };
    return 0;
}

static int take_word(struct loaded *loaded, const struct setting *row, int position)
{
    if (row->stores_word)
        return take_text(loaded, row, row->words[position]);
    *(unsigned *)field_of(&loaded->settings, row) = (unsigned)position; /* GCC and clang: an enum from 0 is one */
    return 0;
}

static int take_default(struct loaded *loaded, const struct setting *row)
{
    switch (row->type) {
    case SETTING_TEXT:
        return take_text(loaded, row, row->initial);
    case SETTING_LIST:
        return take_list(loaded, row, NULL);
    case SETTING_INT:
        *(int64_t *)field_of(&loaded->settings, row) = row->number;
        return 0;
    case SETTING_ENUM:
        for (int i = 0; row->words[i]; i++)
            if (strcmp(row->words[i], row->initial) == 0)
                return take_word(loaded, row, i);
        break;
    case SETTING_WORDS:
        return 0;
    }
    return -EINVAL;
}

static void check_value(struct source *source, const struct setting *row, const config_setting_t *setting,
                        const char *value)
{
    const char *wrong = row->check ? row->check(value) : NULL;
    if (wrong)
        source_fault(source, setting, NULL, "%s", wrong);
}

static int read_row(struct source *source, struct loaded *loaded, const struct setting *row,
                    const config_setting_t *setting)
{
    const char *text;
    int position;

    switch (row->type) {
    case SETTING_TEXT:
        if (!source_string(source, setting, TEXT_MAX, false, &text))
            return 0;
        check_value(source, row, setting, text);
        return take_text(loaded, row, text);
    case SETTING_INT:
        (void)source_int(source, setting, row->min, row->max, field_of(&loaded->settings, row));
        return 0;
    case SETTING_LIST:
        if (source_strings(source, setting, (int)row->max, TEXT_MAX) < 0)
            return 0;
        if (row->initial && config_setting_length(setting) == 0)
            source_fault(source, setting, NULL, "is empty");
        for (int i = 0; i < config_setting_length(setting); i++)
            check_value(source, row, config_setting_get_elem(setting, (unsigned)i),
                        config_setting_get_string_elem(setting, i));
        return take_list(loaded, row, setting);
    case SETTING_ENUM:
        if (!source_word(source, setting, row->words, &position))
            return 0;
        return take_word(loaded, row, position);
    case SETTING_WORDS:
        return settings_text_read(source, loaded->arena, setting, WORDS_MAX, field_of(&loaded->settings, row));
    }
    return 0;
}

/* Group by group, so that a member of a group that no row names is found. */
static void check_names(struct source *source)
{
    const config_setting_t *root = source_root(source);
    const char *group_names[GROUPS + 2] = { NULL };

    for (size_t g = 0; g < GROUPS; g++) {
        const char *names[ROWS + 1] = { NULL };
        size_t count = 0;
        group_names[g] = groups[g].name;
        const config_setting_t *group = config_setting_get_member(root, groups[g].name);
        for (size_t i = 0; i < ROWS; i++)
            if (settings_name_in(&rows[i], groups[g].name))
                names[count++] = settings_name_in(&rows[i], groups[g].name);
        if (group && source_group(source, group))
            (void)source_known(source, group, names);
    }
    group_names[GROUPS] = "hosts";
    (void)source_known(source, root, group_names);
}

/* The group ROW belongs to, if the file has it, and in *ret_name its name there. */
static const config_setting_t *group_of(const struct source *source, const struct setting *row, const char **ret_name)
{
    for (size_t g = 0; g < GROUPS; g++) {
        *ret_name = settings_name_in(row, groups[g].name);
        if (*ret_name)
            return config_setting_get_member(source_root(source), groups[g].name);
    }
    return NULL;
}

static int read_rows(struct source *source, struct loaded *loaded)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *name = NULL;
        const config_setting_t *group = group_of(source, &rows[i], &name);
        const config_setting_t *setting = NULL;
        if (group && config_setting_type(group) == CONFIG_TYPE_GROUP)
            setting = config_setting_get_member(group, name);
        if (!setting && rows[i].required && (!group || config_setting_type(group) == CONFIG_TYPE_GROUP))
            source_fault(source, group ? group : source_root(source), group ? name : rows[i].key, "is missing");
        int r = setting ? read_row(source, loaded, &rows[i], setting) : take_default(loaded, &rows[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

int settings_read_group(struct source *source, struct arena *arena, const char *group, const config_setting_t *setting,
                        struct settings *settings)
{
    struct loaded loaded = { .settings = *settings, .arena = arena };
    const char *names[ROWS + 1] = { NULL };
    size_t count = 0;
    int r = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (settings_name_in(&rows[i], group))
            names[count++] = settings_name_in(&rows[i], group);
    if (!source_group(source, setting) || !source_known(source, setting, names))
        return 0;
    for (size_t i = 0; r == 0 && i < ROWS; i++) {
        const char *name = settings_name_in(&rows[i], group);
        const config_setting_t *member = name ? config_setting_get_member(setting, name) : NULL;
        if (member && rows[i].type == SETTING_WORDS) /* read language by language */
            *(struct settings_text *)field_of(&loaded.settings, &rows[i]) = (struct settings_text){ 0 };
        if (member)
            r = read_row(source, &loaded, &rows[i], member);
    }
    *settings = loaded.settings;
    return r;
}

/* What follows from several settings together. Runs on a faultless file only. */
static int derive(struct source *source, struct loaded *loaded)
{
    struct settings *settings = &loaded->settings;
    const config_setting_t *mail = config_setting_get_member(source_root(source), "mail");
    struct settings_mailbox box;

    if (!settings->mail.username != !settings->mail.password_file)
        source_fault(source, mail, settings->mail.username ? "password_file" : "username", "is missing");
    if (settings->mail.tls == SETTINGS_TLS_REQUIRED && strncmp(settings->mail.smtp_url, "smtps:", 6) == 0)
        source_fault(source, mail, "tls", "smtps:// has no STARTTLS; leave it out");
    if (settings->mail.username && settings->mail.tls == SETTINGS_TLS_NONE &&
        settings_check_is_far(settings->mail.smtp_url))
        source_warn(source, mail, "username", "the password crosses the net unencrypted: say tls = \"required\"");
    if (source->fault_count > 0 || !settings_check_split(settings->mail.from, &box))
        return -EINVAL;

    settings->store.path = settings->store.url + strlen("sqlite:");
    if (!settings->store.key_file)
        settings->store.key_file = arena_format(loaded->arena, "%s.key", settings->store.path);
    settings->mail.from_name = arena_copy_n(loaded->arena, box.name, box.name_size);
    settings->mail.from_address = arena_copy_n(loaded->arena, box.address, box.address_size);
    if (!settings->store.key_file || !settings->mail.from_name || !settings->mail.from_address)
        return -ENOMEM;
    return hosts_derive(loaded->arena, settings);
}

static int load(const char *text, size_t size, const char *file, struct faults *faults, struct loaded *loaded)
{
    struct source source;
    int r = source_open(&source, text, size, file, faults);
    if (r < 0)
        return r;
    check_names(&source);
    r = read_rows(&source, loaded);
    if (r == 0)
        r = hosts_read(&source, loaded->arena, &loaded->settings);
    if (r == 0)
        r = source.fault_count > 0 ? -EINVAL : derive(&source, loaded);
    source_close(&source);
    return r;
}

int settings_load(const char *file, struct faults *faults, struct settings **ret_settings)
{
    char *text = NULL;
    size_t size = 0;
    int r = file_read(file, FILE_MAX, &text, &size);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        faults_add(faults, file, 0, NULL, "cannot be read: %s", strerrordesc_np(-r));
        return -EINVAL;
    }
    struct loaded *loaded = calloc(1, sizeof(*loaded));
    if (loaded)
        loaded->arena = arena_new();
    r = loaded && loaded->arena ? load(text, size, file, faults, loaded) : -ENOMEM;
    free(text);
    if (r < 0) {
        if (loaded)
            arena_free(loaded->arena);
        free(loaded);
        return r;
    }
    *ret_settings = &loaded->settings;
    return 0;
}

int settings_events(const char *file, char **ret_directory)
{
    struct source source;
    const char *directory;
    char *text = NULL;
    size_t size = 0;
    int r = file_read(file, FILE_MAX, &text, &size);
    if (r == 0)
        r = source_open(&source, text, size, file, NULL);
    free(text);
    if (r < 0)
        return r == -ENOMEM ? r : -EINVAL;
    const config_setting_t *setting = config_lookup(&source.config, "events.directory");
    r = -EINVAL;
    if (setting && source_string(&source, setting, TEXT_MAX, false, &directory) && !settings_check_path(directory)) {
        char *copy = strdup(directory);
        r = copy ? 0 : -ENOMEM;
        if (copy)
            *ret_directory = copy;
    }
    source_close(&source);
    return r;
}

void settings_free(struct settings *settings)
{
    struct loaded *loaded = (struct loaded *)settings;
    if (!loaded)
        return;
    arena_free(loaded->arena);
    free(loaded);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same(const struct settings *old, const struct settings *new, const struct setting *row)
{
    const void *a = (const char *)old + row->offset, *b = (const char *)new + row->offset;
    const struct settings_list *x = a, *y = b;

    switch (row->type) {
    case SETTING_TEXT:
        return same_text(*(const char *const *)a, *(const char *const *)b);
    case SETTING_INT:
        return *(const int64_t *)a == *(const int64_t *)b;
    case SETTING_ENUM:
        if (row->stores_word)
            return same_text(*(const char *const *)a, *(const char *const *)b);
        return *(const unsigned *)a == *(const unsigned *)b;
    case SETTING_LIST:
        if (x->count != y->count)
            return false;
        for (size_t i = 0; i < x->count; i++)
            if (strcmp(x->items[i], y->items[i]) != 0)
                return false;
        return true;
    case SETTING_WORDS:
        return settings_text_same(a, b);
    }
    return false;
}

const char *settings_needs_restart(const struct settings *old, const struct settings *new)
{
    for (size_t i = 0; i < ROWS; i++)
        if (!rows[i].reload && !same(old, new, &rows[i]))
            return rows[i].key;
    return NULL;
}
