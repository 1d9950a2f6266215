/* SPDX-License-Identifier: EUPL-1.2 */
/* A definition's text made into an event, or into its faults, all of them at once. Called by folder.c, and by the
 * store's readers for old revisions. Any thread. */
#include "event/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "event/unserved.h"

#define LANGUAGES_MAX 40
#define MODES_MAX 50
#define ANCESTORS_MAX 50
#define HOLD_HOURS 48 /* how long a place is held for an address that is not confirmed */
#define GROUP_MAX 100
#define HOLD_HOURS_MIN 1
#define HOLD_HOURS_MAX 720

/* event_definition_parse hands out its first member. */
struct held {
    struct event_definition definition;
    struct arena *arena;
    unsigned slug_line, host_line;
    atomic_size_t references;
};

static const char *const top_keys[] = {
    "slug", "kind", "host", "series", "visibility", "languages", "title", "description", "starts", "ends", "zone",
    "days", "place", "join_url", "opens", "closes", "changes_until", "modes", "waiting_list", "approval",
    "approval_holds", "confirm", "hold_hours", "ics", "review", "unique", "group_max", "guest_name", "frame_ancestors",
    "caps", "reserves", "sessions", "rounds", "slots", "fields", "funding", "privacy", "notices", "reminders",
    "join_mail", "thanks", "notify", NULL };

static void read_languages(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "languages");
    int count = parse_given(parse, root, "languages") ? source_strings(&parse->source, list, LANGUAGES_MAX, 10) : -1;
    size_t faults = parse->source.fault_count;

    if (count == 0)
        source_fault(&parse->source, list, NULL, "is empty");
    size_t room = count > 0 ? (size_t)count : 1;
    definition->languages = parse_take(parse, room, sizeof(*definition->languages));
    if (!definition->languages)
        return;
    definition->language_count = room;
    definition->languages[0] = "en"; /* stands in where the list is at fault */
    for (int i = 0; i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        definition->languages[i] = "";
        const char *code = config_setting_get_string(setting);
        if (!parse_language_form(code))
            source_fault(&parse->source, setting, NULL, "\"%s\" is not of the form en or pt-BR", code);
        else if (event_language(definition, code) >= 0)
            source_fault(&parse->source, setting, NULL, "%s stands twice", code);
        const char *copy = parse_copy(parse, code);
        if (copy)
            definition->languages[i] = copy;
    }
    parse->languages_good = count > 0 && parse->source.fault_count == faults;
}

static const char *const approvals[] = { "automatic", "manual", NULL };

static void read_mode(struct parse *parse, const config_setting_t *group, struct event_mode *modes, int at, int count)
{
    static const char *const keys[] = { "id", "title", "capacity", "approval", NULL };
    struct event_mode *mode = &modes[at];

    if (!source_known(&parse->source, group, keys))
        return;
    if (parse_given(parse, group, "id"))
        mode->id = parse_id(parse, group, "id", PARSE_ID);
    mode->has_title = parse_text(parse, group, "title", PARSE_LABEL, false, &mode->title);
    mode->limited = parse_int(parse, group, "capacity", 1, PARSE_PLACES_MAX, &mode->capacity);
    mode->approval = parse_word(parse, group, "approval", approvals, parse->approval) == 1;
    for (int i = 0; mode->id && i < at; i++)
        if (modes[i].id && strcmp(modes[i].id, mode->id) == 0)
            source_fault(&parse->source, group, "id", "the mode \"%s\" stands twice", mode->id);
    bool named = !mode->id || strcmp(mode->id, "onsite") == 0 || event_mode_is_online(mode);
    if (count > 1 && !named && !config_setting_get_member(group, "title"))
        source_fault(&parse->source, group, "title", "is missing: only onsite and online have names of their own");
}

static void read_modes(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "modes");
    int count = parse_groups(parse, root, "modes", MODES_MAX);

    if (list && count == 0)
        source_fault(&parse->source, list, NULL, "is empty");
    if (count < 0 || (list && count == 0))
        return;
    size_t room = list ? (size_t)count : 1;
    struct event_mode *modes = parse_take(parse, room, sizeof(*modes));
    if (!modes)
        return;
    if (!list)
        modes[0] = (struct event_mode){ .id = "onsite", .approval = parse->approval == 1 };
    for (int i = 0; i < count; i++)
        read_mode(parse, config_setting_get_elem(list, (unsigned)i), modes, i, count);
    definition->modes = modes;
    definition->mode_count = room;
    definition->mode_asked = room > 1;
}

/* The rest behind `https://` or `http://`, or NULL. */
static const char *after_scheme(const char *url)
{
    if (strncmp(url, "https://", 8) == 0)
        return url + 8;
    return strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

/* Host and port: letters, digits, dots, hyphens, then a number. Size of it; 0 if it is none. */
static size_t host_size(const char *text)
{
    size_t size = 0;
    while (isalnum((unsigned char)text[size]) || (size > 0 && (text[size] == '.' || text[size] == '-')))
        size++;
    if (size == 0 || text[size] != ':')
        return size;
    size_t digits = strspn(text + size + 1, "0123456789");
    return digits > 0 && digits <= 5 ? size + 1 + digits : 0;
}

bool parse_is_url(const char *url)
{
    const char *rest = after_scheme(url);
    size_t size = rest ? host_size(rest) : 0;
    bool good = size > 0 && strchr("/?#", rest[size]) != NULL;
    for (const char *p = url; good && *p; p++)
        good = *p > 0x20 && *p < 0x7f && !strchr("<>\"`{}|\\^", *p);
    return good;
}

static void read_join_url(struct parse *parse, const config_setting_t *root)
{
    const char *url = parse_string(parse, root, "join_url", PARSE_URL);
    if (!url)
        return;
    if (!parse_is_url(url))
        source_fault(&parse->source, root, "join_url", "must be a whole address that begins with https:// or http://");
    parse->definition->join_url = url;
}

/* What Content-Security-Policy takes as frame-ancestors: origins. Plain http only on the developer's own machine. */
static bool is_origin(const char *text)
{
    const char *rest = after_scheme(text);
    size_t size = rest ? host_size(rest) : 0;
    if (size == 0 || rest[size])
        return false;
    if (text[4] == 's')
        return true;
    size_t name = strcspn(rest, ":");
    return (name == 9 && memcmp(rest, "localhost", 9) == 0) || (name == 9 && memcmp(rest, "127.0.0.1", 9) == 0);
}

static void read_ancestors(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "frame_ancestors");
    int count = list ? source_strings(&parse->source, list, ANCESTORS_MAX, PARSE_LABEL) : 0;

    if (count <= 0)
        return;
    const char **origins = parse_take(parse, (size_t)count, sizeof(*origins));
    for (int i = 0; origins && i < count; i++) {
        const char *origin = config_setting_get_string_elem(list, i);
        if (!is_origin(origin))
            source_fault(&parse->source, config_setting_get_elem(list, (unsigned)i), NULL,
                         "\"%s\" is no origin of the form https://host", origin);
        origins[i] = parse_copy(parse, origin);
    }
    definition->frame_ancestors = origins;
    definition->frame_ancestor_count = origins ? (size_t)count : 0;
}

static void read_group(struct parse *parse, const config_setting_t *root)
{
    static const char *const names[] = { "required", "optional", NULL };
    struct event_definition *definition = parse->definition;
    if (!parse_int(parse, root, "group_max", 1, GROUP_MAX, &definition->group_max))
        definition->group_max = 1;
    definition->guest_name_optional = parse_word(parse, root, "guest_name", names, 0) == 1;
}

static void read_head(struct parse *parse, const config_setting_t *root)
{
    static const char *const kinds[] = { [EVENT_KIND_EVENT] = "event", [EVENT_KIND_SURVEY] = "survey", NULL };
    static const char *const visibilities[] = {
        [EVENT_PUBLIC] = "public", [EVENT_UNLISTED] = "unlisted", [EVENT_DRAFT] = "draft", NULL };
    static const char *const uniques[] = { [EVENT_UNIQUE_EMAIL] = "email", [EVENT_UNIQUE_EMAIL_NAME] = "email_name",
                                           [EVENT_UNIQUE_NONE] = "none", NULL };
    static const char *const confirms[] = { "none", "hold", NULL };
    static const char *const calendars[] = { [EVENT_CALENDAR_REQUEST] = "request",
                                             [EVENT_CALENDAR_PUBLISH] = "publish", NULL };
    struct event_definition *definition = parse->definition;

    if (parse_given(parse, root, "slug"))
        definition->slug = parse_id(parse, root, "slug", PARSE_SLUG);
    /* their flat views would be called like the tables event_field and event_revision */
    if (definition->slug && (strcmp(definition->slug, "field") == 0 || strcmp(definition->slug, "revision") == 0))
        source_fault(&parse->source, root, "slug", "\"%s\" is reserved", definition->slug);
    definition->host = parse_id(parse, root, "host", PARSE_ID);
    definition->series = parse_id(parse, root, "series", PARSE_OPTION);
    definition->kind = (enum event_kind)parse_word(parse, root, "kind", kinds, EVENT_KIND_EVENT);
    if (definition->kind == EVENT_KIND_SURVEY)
        unserved_use(parse, config_setting_get_member(root, "kind"), "kind = survey");
    definition->visibility = (enum event_visibility)parse_word(parse, root, "visibility", visibilities, EVENT_PUBLIC);
    definition->unique = (enum event_unique)parse_word(parse, root, "unique", uniques, EVENT_UNIQUE_EMAIL);
    definition->waiting_list = parse_bool(parse, root, "waiting_list", false);
    parse->approval = parse_word(parse, root, "approval", approvals, 0);
    definition->approval_holds = parse_bool(parse, root, "approval_holds", true);
    definition->calendar = (enum event_calendar)parse_word(parse, root, "ics", calendars, EVENT_CALENDAR_REQUEST);
    definition->review = parse_bool(parse, root, "review", false);
    definition->confirm = parse_word(parse, root, "confirm", confirms, 0) == 1;
    if (!parse_int(parse, root, "hold_hours", HOLD_HOURS_MIN, HOLD_HOURS_MAX, &definition->hold_hours))
        definition->hold_hours = HOLD_HOURS;
    read_group(parse, root);

    if (parse_given(parse, root, "title"))
        (void)parse_text(parse, root, "title", PARSE_LABEL, false, &definition->title);
    definition->has_description =
        parse_text(parse, root, "description", PARSE_LONG, true, &definition->description);
    definition->has_place = parse_text(parse, root, "place", PARSE_LABEL, false, &definition->place);
}

static void warn_of_place(struct parse *parse, const config_setting_t *root)
{
    const struct event_definition *definition = parse->definition;
    for (size_t i = 0; i < definition->mode_count; i++)
        if (definition->modes[i].id && !event_mode_is_online(&definition->modes[i]) &&
            !config_setting_get_member(root, "place")) {
            source_warn(&parse->source, root, "place", "is missing: nobody is told where the event is");
            return;
        }
}

static void read_all(struct parse *parse)
{
    const config_setting_t *root = source_root(&parse->source);

    (void)source_known(&parse->source, root, top_keys);
    read_languages(parse, root);
    if (parse->definition->language_count == 0)
        return; /* no memory */
    read_head(parse, root);
    parse_times(parse, root);
    read_modes(parse, root);
    warn_of_place(parse, root);
    read_join_url(parse, root);
    read_ancestors(parse, root);
    parse_fields(parse, root);
    if (!event_field_by_role(parse->definition, ROLE_NAME))
        parse->definition->guest_name_optional = true; /* nobody is asked for a name */
    parse_programme(parse, root);
    parse_show_ifs(parse, root);
    parse_slots(parse, root);
    parse_quota(parse, root);
    parse_law(parse, root);
    parse_mails(parse, root);
}

static void held_free(struct held *held)
{
    if (held)
        arena_free(held->arena);
    free(held);
}

static int finish(struct parse *parse, struct held *held)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *slug = config_setting_get_member(source_root(&parse->source), "slug");
    const config_setting_t *host = config_setting_get_member(source_root(&parse->source), "host");
    char *calendar = NULL;

    if (parse->no_memory)
        return -ENOMEM;
    if (parse->source.fault_count > 0)
        return -EINVAL;
    held->slug_line = slug ? config_setting_source_line(slug) : 1;
    held->host_line = host ? config_setting_source_line(host) : 1;
    int r = zone_calendar(held->arena, definition->zone, definition->starts, definition->ends, &calendar);
    definition->vtimezone = calendar;
    return r;
}

int event_definition_parse(const char *text, size_t size, const char *file, struct faults *faults,
                           const struct event_definition **ret_definition)
{
    struct held *held = calloc(1, sizeof(*held));
    if (held)
        held->arena = arena_new();
    if (!held || !held->arena) {
        held_free(held);
        return -ENOMEM;
    }
    atomic_init(&held->references, 1);
    struct parse parse = { .arena = held->arena, .definition = &held->definition };
    int r = source_open(&parse.source, text, size, file, faults);
    if (r == 0) {
        read_all(&parse);
        r = finish(&parse, held);
        source_close(&parse.source);
    }
    if (r < 0) {
        held_free(held);
        return r;
    }
    *ret_definition = &held->definition;
    return 0;
}

static struct held *held_of(const struct event_definition *definition)
{
    return (struct held *)(uintptr_t)definition;
}

const struct event_definition *event_definition_ref(const struct event_definition *definition)
{
    (void)atomic_fetch_add_explicit(&held_of(definition)->references, 1, memory_order_relaxed);
    return definition;
}

void event_definition_unref(const struct event_definition *definition)
{
    if (definition && atomic_fetch_sub_explicit(&held_of(definition)->references, 1, memory_order_acq_rel) == 1)
        held_free(held_of(definition));
}

unsigned parse_slug_line(const struct event_definition *definition)
{
    return held_of(definition)->slug_line;
}

unsigned parse_host_line(const struct event_definition *definition)
{
    return held_of(definition)->host_line;
}
