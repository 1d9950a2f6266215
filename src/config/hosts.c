/* SPDX-License-Identifier: EUPL-1.2 */
/* The list `hosts` of convened.conf: read, checked, completed, printed. Called by settings.c before the
 * threads and at reload, and by settings_print.c; the questions at the end by page and mail, any thread. */
#include "config/hosts.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "config/settings.h"
#include "config/settings_table.h"
#include "config/source.h"

#define HOSTS_MAX 1 /* until definitions can choose */
#define ID_MAX 40
#define NAME_MAX_LENGTH 100
#define TEXT_MAX 1000
#define IMPRINT_MAX 20000
#define LANGUAGES_MAX 40

static const char *check_from(const char *value)
{
    return settings_check_mailbox(value) && settings_check_address(value) ? "must be \"Name <address>\" or an address"
                                                                          : NULL;
}

static const char *check_id(const char *value)
{
    size_t good = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return value[good] || good > ID_MAX || value[0] == '_' || (value[0] >= '0' && value[0] <= '9')
               ? "must be of the form [a-z][a-z0-9_]{0,39}"
               : NULL;
}

/* What a host is made of but for the imprint, which is a text by language. */
static const struct key {
    const char *name;
    size_t offset; /* in struct settings_host */
    size_t length;
    bool required;
    const char *(*check)(const char *value);
    const char *sample, *help;
} keys[] = {
    { "id", offsetof(struct settings_host, id), ID_MAX, true, check_id, "\"cluster\"",
      "Its short name, of the form [a-z][a-z0-9_]{0,39}. Required." },
    { "name", offsetof(struct settings_host, name), NAME_MAX_LENGTH, true, NULL, "\"Connected Health Cluster\"",
      "How it is called at the head of pages and mails. Required." },
    { "from", offsetof(struct settings_host, from), TEXT_MAX, false, check_from,
      "\"Connected Health Cluster <events@cluster.example>\"",
      "Who its mails come from: \"Name <address>\", or an address, then under its name. Not given: the address of "
      "mail.from under its name." },
    { "reply_to", offsetof(struct settings_host, reply_to), TEXT_MAX, false, settings_check_address,
      "\"desk@cluster.example\"", "The address that answers go to. Not given: mail.reply_to." },
    { "controller", offsetof(struct settings_host, controller), TEXT_MAX, false, NULL,
      "\"Connected Health Cluster MTÜ, Valukoja 8, 11415 Tallinn, Estonia\"",
      "Who is responsible for what is done with personal data: full name and postal address. It stands in the "
      "imprint." },
    { "contact", offsetof(struct settings_host, contact), TEXT_MAX, false, settings_check_address,
      "\"help@cluster.example\"",
      "The address for questions, shown on every page. Not given: where answers to its mails go." },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))
/* ---- reading ---- */

static bool is_language(const char *code)
{
    size_t size = strspn(code, "abcdefghijklmnopqrstuvwxyz");
    if (size != 2 && size != 3)
        return false;
    return !code[size] ||
           (code[size] == '-' && strspn(code + size + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2 && !code[size + 3]);
}

static const char **field_of(struct settings_host *host, const struct key *key)
{
    return (const char **)((char *)host + key->offset);
}

static int read_key(struct source *source, struct arena *arena, const config_setting_t *group, const struct key *key,
                    struct settings_host *host)
{
    const config_setting_t *setting = config_setting_get_member(group, key->name);
    const char *value, *wrong;

    if (!setting) {
        if (key->required)
            source_fault(source, group, key->name, "is missing");
        return 0;
    }
    if (!source_string(source, setting, key->length, false, &value))
        return 0;
    wrong = key->check ? key->check(value) : NULL;
    if (wrong)
        source_fault(source, setting, NULL, "%s", wrong);
    *field_of(host, key) = arena_copy(arena, value);
    return *field_of(host, key) ? 0 : -ENOMEM;
}

static int add_text(struct arena *arena, struct settings_text *text, const char *language, const char *body)
{
    text->languages[text->count] = arena_copy(arena, language);
    text->bodies[text->count] = arena_copy(arena, body);
    if ((language && !text->languages[text->count]) || !text->bodies[text->count])
        return -ENOMEM;
    text->count++;
    return 0;
}

static int read_imprint(struct source *source, struct arena *arena, const config_setting_t *setting,
                        struct settings_text *text)
{
    int r = 0, count = config_setting_type(setting) == CONFIG_TYPE_GROUP ? config_setting_length(setting) : 1;
    const char *body;

    if (count == 0 || count > LANGUAGES_MAX) {
        source_fault(source, setting, NULL, count == 0 ? "is empty" : "too many languages");
        return 0;
    }
    text->languages = arena_take(arena, (size_t)count * sizeof(*text->languages));
    text->bodies = arena_take(arena, (size_t)count * sizeof(*text->bodies));
    if (!text->languages || !text->bodies)
        return -ENOMEM;
    if (config_setting_type(setting) != CONFIG_TYPE_GROUP) {
        if (config_setting_type(setting) != CONFIG_TYPE_STRING)
            source_fault(source, setting, NULL, "must be a string, or a group of strings by language");
        else if (source_string(source, setting, IMPRINT_MAX, true, &body))
            r = add_text(arena, text, NULL, body);
        return r;
    }
    for (int i = 0; r == 0 && i < count; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        if (!is_language(config_setting_name(member)))
            source_fault(source, member, NULL, "the key is no language of the form en or pt-BR");
        else if (source_string(source, member, IMPRINT_MAX, true, &body))
            r = add_text(arena, text, config_setting_name(member), body);
    }
    return r;
}

static int read_host(struct source *source, struct arena *arena, const config_setting_t *group,
                     struct settings_host *host)
{
    const char *names[KEYS + 2] = { NULL };
    const config_setting_t *imprint;
    int r = 0;

    for (size_t i = 0; i < KEYS; i++)
        names[i] = keys[i].name;
    names[KEYS] = "imprint";
    if (!source_known(source, group, names))
        return 0;
    for (size_t i = 0; r == 0 && i < KEYS; i++)
        r = read_key(source, arena, group, &keys[i], host);
    imprint = config_setting_get_member(group, "imprint");
    return r == 0 && imprint ? read_imprint(source, arena, imprint, &host->imprint) : r;
}

int hosts_read(struct source *source, struct arena *arena, struct settings *settings)
{
    const config_setting_t *list = config_setting_get_member(source_root(source), "hosts");
    int count = list ? source_groups(source, list, INT16_MAX) : 0, r = 0;

    if (count <= 0)
        return 0;
    if (count > HOSTS_MAX)
        source_fault(source, config_setting_get_elem(list, HOSTS_MAX), NULL,
                     "this version serves one host; a second one is for a later version");
    struct settings_host *hosts = arena_take(arena, (size_t)count * sizeof(*hosts));
    if (!hosts)
        return -ENOMEM;
    for (int i = 0; r == 0 && i < count; i++)
        r = read_host(source, arena, config_setting_get_elem(list, (unsigned)i), &hosts[i]);
    settings->hosts.items = hosts;
    settings->hosts.count = (size_t)count;
    return r;
}

static int derive_from(struct arena *arena, const struct settings *settings, struct settings_host *host)
{
    struct settings_mailbox box;

    host->from_name = host->name;
    host->from_address = settings->mail.from_address;
    if (!host->from)
        return 0;
    if (!settings_check_split(host->from, &box)) {
        host->from_address = host->from;
        return 0;
    }
    host->from_name = arena_copy_n(arena, box.name, box.name_size);
    host->from_address = arena_copy_n(arena, box.address, box.address_size);
    return host->from_name && host->from_address ? 0 : -ENOMEM;
}

int hosts_derive(struct arena *arena, struct settings *settings)
{
    bool given = settings->hosts.count > 0;
    size_t count = given ? settings->hosts.count : 1;
    struct settings_host *hosts = arena_take(arena, count * sizeof(*hosts));

    if (!hosts)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct settings_host *host = &hosts[i];
        if (given)
            *host = settings->hosts.items[i];
        else
            host->name = settings->mail.from_name;
        int r = derive_from(arena, settings, host);
        if (r < 0)
            return r;
        if (!host->reply_to)
            host->reply_to = settings->mail.reply_to;
        if (!host->contact)
            host->contact = host->reply_to ? host->reply_to : host->from_address;
    }
    settings->hosts.items = hosts;
    settings->hosts.count = count;
    return 0;
}

/* ---- printing ---- */

const char *hosts_help(void)
{
    return "The organisation in whose name pages and mails speak. Not given: it is called after the display name of "
           "mail.from. At most one. A reload takes it over.";
}

bool hosts_key(size_t n, struct hosts_key *ret_key)
{
    static const struct hosts_key imprint = {
        "imprint", "string or group by language", "{ en = \"Published by …\"; et = \"Väljaandja …\"; }",
        "Who publishes the pages, as the law wants it said: Markdown, as one string or as a group by language. Given, "
        "every page links to /imprint."
    };

    if (n < KEYS)
        *ret_key = (struct hosts_key){ keys[n].name, "string", keys[n].sample, keys[n].help };
    else if (n == KEYS)
        *ret_key = imprint;
    return n <= KEYS;
}

/* ---- asking ---- */

const struct settings_host *hosts_first(const struct settings *settings)
{
    return &settings->hosts.items[0];
}

const char *hosts_imprint(const struct settings_host *host, const char *language, const char **ret_language)
{
    const struct settings_text *text = &host->imprint;
    size_t found = 0;
    bool exact = false;

    if (text->count == 0)
        return NULL;
    for (size_t i = 0; i < text->count && text->languages[i] && !exact; i++) {
        exact = strcmp(text->languages[i], language) == 0;
        if (exact || strcmp(text->languages[i], "en") == 0)
            found = i;
    }
    *ret_language = text->languages[found];
    return text->bodies[found];
}
