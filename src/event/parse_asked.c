/* SPDX-License-Identifier: EUPL-1.2 */
/* What conditions may ask for: fields, the mode and sessions that exist, with values that they can have, and no circle
 * of fields that wait for each other. Called by parse.c and parse_quota.c, when all of that has been read. */
#include <string.h>

#include "event/condition.h"
#include "event/country.h"
#include "event/parse.h"
#include "event/zone.h"

/* Where a condition is checked. */
struct asked {
    struct parse *parse;
    const config_setting_t *group;
    const char *key;
    bool invited; /* may be asked for */
    bool after_review; /* by a question that is asked then: of others like it alone */
};

/* Not over a field that has no answer, or whose answer is nobody's to know. */
static bool may_be_asked(const struct asked *asked, const struct event_field *field)
{
    struct source *source = &asked->parse->source;

    if (field->after_review && !asked->after_review)
        source_fault(source, asked->group, asked->key, "\"%s\" is asked after the review and decides nothing",
                     field->id);
    else if (field->type == FIELD_SPECIAL_NEED)
        source_fault(source, asked->group, asked->key, "\"%s\" is a special need, which decides nothing", field->id);
    else if (field->type == FIELD_STATEMENT || field->type == FIELD_ORGANISATION ||
             (field->type == FIELD_HIDDEN && !field->fallback))
        source_fault(source, asked->group, asked->key, "\"%s\" has no value that could be asked for", field->id);
    else
        return true;
    return false;
}

static bool is_number(const char *text)
{
    text += *text == '-';
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    return whole > 0 && (!*rest || (*rest == '.' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")]));
}

/* EE00: the country, where Greece is EL, and two digits or letters. */
static bool is_region(const char *text)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return strlen(text) == 4 && strspn(text, capitals) >= 2 &&
           text[2 + strspn(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0';
}

static void check_option(const struct asked *asked, const struct event_field *field, const char *value)
{
    for (size_t i = 0; i < field->option_count; i++)
        if (!field->options[i].id || strcmp(field->options[i].id, value) == 0)
            return; /* a fault of its own, or good */
    source_fault(&asked->parse->source, asked->group, asked->key, "the field \"%s\" has no option \"%s\"", field->id,
                 value);
}

/* VALUE NULL: a number behind `<` or `>`. */
static void check_field_value(const struct asked *asked, const char *id, const char *value)
{
    const struct event_field *field = event_field(asked->parse->definition, id);
    struct source *source = &asked->parse->source;

    if (!field) {
        source_fault(source, asked->group, asked->key, "no field has the id \"%s\"", id);
        return;
    }
    if (!may_be_asked(asked, field))
        return;
    const bool consent = field->type == FIELD_CONSENT, country = field->type == FIELD_COUNTRY;
    const bool region = field->type == FIELD_REGION, date = field->type == FIELD_DATE;
    if (!value && (field->option_count > 0 || consent || country || region))
        source_fault(source, asked->group, asked->key, "\"%s\" has no order for < and >", id);
    else if (date && (!value || !wall_is_day(value)))
        source_fault(source, asked->group, asked->key, "\"%s\" is a date: its values are such as 2027-03-18", id);
    if (!value)
        return;
    if (field->option_count > 0)
        check_option(asked, field, value);
    if (consent && strcmp(value, "yes") != 0)
        source_fault(source, asked->group, asked->key, "\"%s\" is a consent: its value is yes", id);
    if (country && !country_known(value))
        source_fault(source, asked->group, asked->key, "\"%s\" is no code of a country such as EE", value);
    if (region && !is_region(value))
        source_fault(source, asked->group, asked->key, "\"%s\" is no code of a region such as EE00", value);
    if ((field->type == FIELD_NUMBER || field->type == FIELD_SCALE) && !is_number(value))
        source_fault(source, asked->group, asked->key, "\"%s\" is a number, and \"%s\" is none", id, value);
}

static void check_session_value(const struct asked *asked, const char *id, const char *value)
{
    const struct event_programme *programme = &asked->parse->definition->programme;
    struct source *source = &asked->parse->source;
    int round = programme_round(programme, id), session = value ? programme_session(programme, value) : -1;

    if (round < 0)
        source_fault(source, asked->group, asked->key, "no session has the round \"%s\"", id);
    else if (!value)
        source_fault(source, asked->group, asked->key, "\"session.%s\" has no order for < and >", id);
    else if (session < 0 || programme->sessions[session].round != round)
        source_fault(source, asked->group, asked->key, "the round \"%s\" has no session \"%s\"", id, value);
}

static void check_mode_value(const struct asked *asked, const char *value)
{
    struct source *source = &asked->parse->source;

    if (!value)
        source_fault(source, asked->group, asked->key, "\"mode\" has no order for < and >");
    else if (event_mode(asked->parse->definition, value) < 0)
        source_fault(source, asked->group, asked->key, "no mode has the id \"%s\"", value);
}

/* For condition_each. */
static int check_name(void *arg, const char *name, const char *value)
{
    const struct asked *asked = arg;
    const struct event_field *field = event_field(asked->parse->definition, name);
    size_t prefix = strlen("session.");

    if (asked->after_review && !(field && field->after_review))
        source_fault(&asked->parse->source, asked->group, asked->key, "\"%s\" is not asked after the review", name);
    else if (strncmp(name, "session.", prefix) == 0)
        check_session_value(asked, name + prefix, value);
    else if (strcmp(name, "mode") == 0)
        check_mode_value(asked, value);
    else if (strcmp(name, "invited") != 0)
        check_field_value(asked, name, value);
    else if (!asked->invited)
        source_fault(&asked->parse->source, asked->group, asked->key, "\"invited\" is not asked for here");
    else if (!value || strcmp(value, "yes") != 0)
        source_fault(&asked->parse->source, asked->group, asked->key, "\"invited\" has no other value than yes");
    return 0;
}

void parse_asked(struct parse *parse, const config_setting_t *group, const char *key,
                 const struct condition *condition, const struct event_field *field)
{
    struct asked asked = { .parse = parse, .group = group, .key = key, .invited = !field,
                           .after_review = field && field->after_review };
    (void)condition_each(condition, check_name, &asked);
}

/* The way through the fields along what their conditions ask for. */
enum mark { NEW, ON_THE_WAY, DONE };

struct way {
    struct parse *parse;
    const config_setting_t *list;
    enum mark *marks; /* of each field */
    size_t at;        /* the field whose condition is looked at */
    bool told;        /* that it is in a circle */
};

static int follow(void *arg, const char *name, const char *value);

static void follow_field(struct way *way, size_t at)
{
    const struct event_field *field = &way->parse->definition->fields[at];
    const size_t before = way->at;
    const bool told = way->told;

    way->marks[at] = ON_THE_WAY;
    way->at = at;
    way->told = false;
    if (field->show_if)
        (void)condition_each(field->show_if, follow, way);
    way->at = before;
    way->told = told;
    way->marks[at] = DONE;
}

/* For condition_each. */
static int follow(void *arg, const char *name, const char *value)
{
    struct way *way = arg;
    const struct event_field *fields = way->parse->definition->fields;
    const struct event_field *field = event_field(way->parse->definition, name);

    (void)value;
    if (!field)
        return 0;
    size_t next = (size_t)(field - fields);
    if (way->marks[next] == NEW) {
        follow_field(way, next);
    } else if (way->marks[next] == ON_THE_WAY && !way->told) {
        source_fault(&way->parse->source, config_setting_get_elem(way->list, (unsigned)way->at), "show_if",
                     next == way->at ? "asks for its own field \"%s\""
                                     : "goes round in a circle: whether \"%s\" is asked waits for this field",
                     name);
        way->told = true;
    }
    return 0;
}

void parse_show_ifs(struct parse *parse, const config_setting_t *root)
{
    const struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "fields");
    struct way way = { .parse = parse, .list = list };

    way.marks = parse_take(parse, definition->field_count, sizeof(*way.marks));
    for (size_t i = 0; way.marks && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        if (field->show_if)
            parse_asked(parse, config_setting_get_elem(list, (unsigned)i), "show_if", field->show_if, field);
        if (field->parts_if) /* never in a circle: nothing asks for an organisation */
            parse_asked(parse, config_setting_get_elem(list, (unsigned)i), "parts_if", field->parts_if, field);
        if (way.marks[i] == NEW)
            follow_field(&way, i);
    }
}
