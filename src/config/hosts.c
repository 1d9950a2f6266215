/* SPDX-License-Identifier: EUPL-1.2 */
/* The list `hosts` of convened.conf: read, checked, completed, printed. Called by settings.c before the
 * threads and at reload, and by settings_print.c; the questions at the end by event, view, page and mail, any thread.
 */
#include "config/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "config/colour.h"
#include "config/settings.h"
#include "config/settings_table.h"
#include "config/settings_text.h"
#include "config/source.h"

#define HOSTS_MAX 100
#define ID_MAX 40
#define NAME_MAX_LENGTH 100
#define TEXT_MAX 1000
#define IMPRINT_MAX 20000
#define LOGO_MAX (256 * 1024) /* bytes */
#define CONTRAST_TEXT 4.5      /* WCAG 2.2, 1.4.3 */
#define CONTRAST_COVER 7.0     /* 1.4.6: small words stand on it too */

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

/* What a host is made of but for its logo, its colours and its imprint. */
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
    { "bounce_address", offsetof(struct settings_host, bounce_address), TEXT_MAX, false, settings_check_bounce_address,
      "\"bounces@cluster.example\"",
      "The address to which its mail that cannot be delivered comes back, as mail.bounce_address says. It has to be of "
      "the domain that its mails come from, or SPF speaks for somebody else. Not given: mail.bounce_address, if its "
      "mails come from that domain or one below or above it." },
    { "controller", offsetof(struct settings_host, controller), TEXT_MAX, false, NULL,
      "\"Connected Health Cluster MTÜ, Valukoja 8, 11415 Tallinn, Estonia\"",
      "Who is responsible for what is done with personal data: full name and postal address. It stands in the "
      "imprint, and in the privacy notice of events that name none themselves." },
    { "contact", offsetof(struct settings_host, contact), TEXT_MAX, false, settings_check_address,
      "\"help@cluster.example\"",
      "The address for questions, shown on every page. Not given: where answers to its mails go." },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* ---- reading ---- */

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

/* What the file is, by its own words; a name is not believed. NULL: neither. */
static const char *logo_ending(const char *data, size_t size)
{
    static const char png[] = "\x89PNG\r\n\x1a\n";

    if (size > sizeof(png) - 1 && memcmp(data, png, sizeof(png) - 1) == 0)
        return "png";
    return text_is_utf8(data, size) && !memchr(data, '\0', size) && strstr(data, "<svg") ? "svg" : NULL;
}

static int read_logo(struct source *source, struct arena *arena, const config_setting_t *setting,
                     struct settings_host *host)
{
    const char *path, *wrong;
    char *data;
    size_t size;

    if (!source_string(source, setting, TEXT_MAX, false, &path))
        return 0;
    wrong = settings_check_path(path);
    if (wrong) {
        source_fault(source, setting, NULL, "%s", wrong);
        return 0;
    }
    int r = file_read(path, LOGO_MAX, &data, &size);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        if (r == -EFBIG)
            source_fault(source, setting, NULL, "%s is larger than %d KB", path, LOGO_MAX / 1024);
        else
            source_fault(source, setting, NULL, "%s cannot be read: %s", path, strerrordesc_np(-r));
        return 0;
    }
    host->logo.ending = logo_ending(data, size);
    if (!host->logo.ending)
        source_fault(source, setting, NULL, "%s is neither PNG nor SVG", path);
    host->logo.data = arena_copy_n(arena, data, size);
    host->logo.size = size;
    free(data);
    return host->logo.data ? 0 : -ENOMEM;
}

static bool read_colour(struct source *source, const config_setting_t *group, const char *name, colour *ret_colour)
{
    const config_setting_t *setting = config_setting_get_member(group, name);
    const char *value;

    if (!setting) {
        source_fault(source, group, name, "is missing");
        return false;
    }
    if (!source_string(source, setting, TEXT_MAX, false, &value))
        return false;
    if (!colour_parse(value, ret_colour)) {
        source_fault(source, setting, NULL, "\"%s\" is no colour of the form #0f5b4b", value);
        return false;
    }
    return true;
}

/* One fault a pair, with the number, so that whoever chose the colour knows how far it is. */
static void check_contrast(struct source *source, const config_setting_t *group, const char *name, colour front,
                           const char *ground_name, colour ground, double least)
{
    double contrast = colour_contrast(front, ground);

    if (contrast < least)
        source_fault(source, group, name, "has a contrast of %.2f on %s, #%06x; at least %.1f is needed",
                     (double)(int)(contrast * 100) / 100, ground_name, ground, least);
}

static void read_theme(struct source *source, const config_setting_t *group, colour paper,
                       struct settings_colours *ret_colours)
{
    bool brand = read_colour(source, group, "brand", &ret_colours->brand);
    bool on_brand = read_colour(source, group, "on_brand", &ret_colours->on_brand);
    bool cover = read_colour(source, group, "cover", &ret_colours->cover);
    bool on_cover = read_colour(source, group, "on_cover", &ret_colours->on_cover);

    if (brand)
        check_contrast(source, group, "brand", ret_colours->brand,
                       paper == COLOUR_PAPER ? "white paper" : "dark paper", paper, CONTRAST_TEXT);
    if (brand && on_brand)
        check_contrast(source, group, "on_brand", ret_colours->on_brand, "brand", ret_colours->brand, CONTRAST_TEXT);
    if (cover && on_cover)
        check_contrast(source, group, "on_cover", ret_colours->on_cover, "cover", ret_colours->cover, CONTRAST_COVER);
}

static void read_colours(struct source *source, const config_setting_t *group, struct settings_host *host)
{
    static const char *const light[] = { "brand", "on_brand", "cover", "on_cover", "dark", NULL };
    static const char *const dark[] = { "brand", "on_brand", "cover", "on_cover", NULL };
    const config_setting_t *at_night;

    if (!source_group(source, group))
        return;
    (void)source_known(source, group, light);
    read_theme(source, group, COLOUR_PAPER, &host->light);
    at_night = config_setting_get_member(group, "dark");
    if (!at_night)
        source_fault(source, group, "dark", "is missing");
    else if (source_group(source, at_night)) {
        (void)source_known(source, at_night, dark);
        read_theme(source, at_night, COLOUR_PAPER_DARK, &host->dark);
    }
    host->has_colours = true;
}

/* What it does not say of its own statement is as for all. */
static int read_statement(struct source *source, struct arena *arena, const config_setting_t *setting,
                          const struct settings *settings, struct settings_host *host)
{
    struct settings own = *settings;
    int r = settings_read_group(source, arena, "accessibility", setting, &own);
    host->accessibility = own.accessibility;
    return r;
}

static int read_host(struct source *source, struct arena *arena, const config_setting_t *group,
                     const struct settings *settings, struct settings_host *host)
{
    const char *names[KEYS + 5] = { NULL };
    const config_setting_t *logo, *colours, *imprint, *statement;
    int r = 0;

    for (size_t i = 0; i < KEYS; i++)
        names[i] = keys[i].name;
    names[KEYS] = "logo";
    names[KEYS + 1] = "colours";
    names[KEYS + 2] = "imprint";
    names[KEYS + 3] = "accessibility";
    if (!source_known(source, group, names))
        return 0;
    for (size_t i = 0; r == 0 && i < KEYS; i++)
        r = read_key(source, arena, group, &keys[i], host);
    logo = config_setting_get_member(group, "logo");
    if (r == 0 && logo)
        r = read_logo(source, arena, logo, host);
    colours = config_setting_get_member(group, "colours");
    if (colours)
        read_colours(source, colours, host);
    imprint = config_setting_get_member(group, "imprint");
    if (r == 0 && imprint)
        r = settings_text_read(source, arena, imprint, IMPRINT_MAX, &host->imprint);
    host->accessibility = settings->accessibility;
    statement = config_setting_get_member(group, "accessibility");
    return r == 0 && statement ? read_statement(source, arena, statement, settings, host) : r;
}

static void check_double(struct source *source, const config_setting_t *list, const struct settings_host *hosts,
                         size_t at)
{
    for (size_t i = 0; hosts[at].id && i < at; i++)
        if (hosts[i].id && strcmp(hosts[i].id, hosts[at].id) == 0) {
            source_fault(source, config_setting_get_elem(list, (unsigned)at), "id", "the host \"%s\" stands twice",
                         hosts[at].id);
            return;
        }
}

int hosts_read(struct source *source, struct arena *arena, struct settings *settings)
{
    const config_setting_t *list = config_setting_get_member(source_root(source), "hosts");
    int count = list ? source_groups(source, list, HOSTS_MAX) : 0, r = 0;

    if (count <= 0)
        return 0;
    struct settings_host *hosts = arena_take(arena, (size_t)count * sizeof(*hosts));
    if (!hosts)
        return -ENOMEM;
    for (int i = 0; r == 0 && i < count; i++) {
        r = read_host(source, arena, config_setting_get_elem(list, (unsigned)i), settings, &hosts[i]);
        check_double(source, list, hosts, (size_t)i);
    }
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

/* The same domain, or one is above the other: what DMARC calls relaxed alignment (RFC 7489 section 3.1), as far as that
 * can be told without a list of registries. */
static bool is_aligned(const char *one, const char *other)
{
    const char *a = strrchr(one, '@') + 1, *b = strrchr(other, '@') + 1; /* both are checked addresses */
    const char *longer = strlen(a) > strlen(b) ? a : b, *shorter = longer == a ? b : a;
    const char *tail = longer + strlen(longer) - strlen(shorter);

    return strcasecmp(tail, shorter) == 0 && (tail == longer || tail[-1] == '.');
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
            *host = (struct settings_host){ .name = settings->mail.from_name,
                                            .accessibility = settings->accessibility };
        int r = derive_from(arena, settings, host);
        if (r < 0)
            return r;
        if (!host->reply_to)
            host->reply_to = settings->mail.reply_to;
        if (!host->bounce_address && settings->mail.bounce_address &&
            (!given || is_aligned(settings->mail.bounce_address, host->from_address)))
            host->bounce_address = settings->mail.bounce_address;
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
    return "The organisations in whose name pages and mails speak, one group each. A definition says which one with "
           "host = \"ID\"; without it the first speaks, as it does on pages that belong to no event. Not given: there "
           "is one, called after the display name of mail.from. At most 100. A reload takes them over.";
}

bool hosts_key(size_t n, struct hosts_key *ret_key)
{
    static const struct hosts_key others[] = {
        { "logo", "string", "\"/etc/convened/cluster.svg\"",
          "The file of its logo: the absolute path of a PNG or SVG of at most 256 KB, read at the start and at a "
          "reload. It is shown 38 pixels high, on white and on near black." },
        { "colours", "group",
          "{ brand = \"#0f5b4b\"; on_brand = \"#ffffff\"; cover = \"#0f4f43\"; on_cover = \"#ffffff\";\n"
          "#        dark = { brand = \"#7fd4bd\"; on_brand = \"#04231b\"; cover = \"#123c34\";\n"
          "#            on_cover = \"#f2f7f5\"; }; }",
          "Its colours, for light pages and in dark for those who prefer dark ones. brand is for links and buttons, "
          "on_brand for words on it, cover for the head of an event, on_cover for words there. Everybody must be able "
          "to read them, so a contrast that is too small is a fault: brand on the paper (#ffffff, dark #12171c) at "
          "least 4.5, on_brand on brand at least 4.5, on_cover on cover at least 7. Not given: those of the sample." },
        { "imprint", "string or group by language", "{ en = \"Published by …\"; et = \"Väljaandja …\"; }",
          "Who publishes the pages, as the law wants it said: Markdown, as one string or as a group by language. "
          "Given, its pages link to /imprint." },
        { "accessibility", "group",
          "{ prepared = \"2026-11-20\"; assessed = \"self\";\n"
          "#        enforcement = \"[TTJA](https://ttja.ee), info@ttja.ee\"; }",
          "Its own accessibility statement, with the keys of the group accessibility; what it does not say is as "
          "there. The body to turn to is one of its country." },
    };
    const size_t count = sizeof(others) / sizeof(others[0]);

    if (n < KEYS)
        *ret_key = (struct hosts_key){ keys[n].name, "string", keys[n].sample, keys[n].help };
    else if (n < KEYS + count)
        *ret_key = others[n - KEYS];
    return n < KEYS + count;
}

/* ---- asking ---- */

const struct settings_host *hosts_find(const struct settings *settings, const char *id)
{
    for (size_t i = 0; i < settings->hosts.count; i++)
        if (settings->hosts.items[i].id && strcmp(settings->hosts.items[i].id, id) == 0)
            return &settings->hosts.items[i];
    return NULL;
}

const struct settings_host *hosts_of(const struct settings *settings, const char *id)
{
    const struct settings_host *found = id ? hosts_find(settings, id) : NULL;
    return found ? found : &settings->hosts.items[0];
}
