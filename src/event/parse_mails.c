/* SPDX-License-Identifier: EUPL-1.2 */
/* What a definition says of the mails that are sent on a date or to the organisers: reminders, join_mail, thanks,
 * notify. Called by parse.c, when languages and join_url have been read. */
#include <string.h>

#include "config/settings.h"
#include "event/parse.h"

#define REMINDERS_MAX 10
#define RECIPIENTS_MAX 5
#define DAYS_MAX 365
#define DAY_HOURS 24

/* "7d", "3h". */
static bool read_lead(const char *text, struct event_lead *ret_lead)
{
    size_t digits = strspn(text, "0123456789");
    int number = 0;

    if (digits < 1 || digits > 3 || (text[digits] != 'd' && text[digits] != 'h') || text[digits + 1])
        return false;
    for (size_t i = 0; i < digits; i++)
        number = 10 * number + (text[i] - '0');
    bool by_days = text[digits] == 'd';
    if (number == 0 || (by_days && number > DAYS_MAX))
        return false;
    *ret_lead = (struct event_lead){ .hours = by_days ? number * DAY_HOURS : number, .by_days = by_days };
    return true;
}

static bool lead_or_fault(struct parse *parse, const config_setting_t *setting, const char *text,
                          struct event_lead *ret_lead)
{
    if (read_lead(text, ret_lead))
        return true;
    source_fault(&parse->source, setting, NULL, "\"%s\" is not of the form 7d or 3h, from 1h to 365d", text);
    return false;
}

/* A week and a day before, unless the definition says otherwise. */
static void read_reminders(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "reminders");
    int count = list ? source_strings(&parse->source, list, REMINDERS_MAX, PARSE_LABEL) : 2;
    struct event_lead *leads = parse_take(parse, count > 0 ? (size_t)count : 1, sizeof(*leads));

    if (!leads || count <= 0)
        return;
    definition->reminders = leads;
    definition->reminder_count = (size_t)count;
    if (!list) {
        leads[0] = (struct event_lead){ .hours = 7 * DAY_HOURS, .by_days = true };
        leads[1] = (struct event_lead){ .hours = DAY_HOURS, .by_days = true };
        return;
    }
    for (int i = 0; i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        const char *text = config_setting_get_string(setting);
        if (!lead_or_fault(parse, setting, text, &leads[i]))
            continue;
        for (int k = 0; k < i; k++)
            if (leads[k].hours == leads[i].hours)
                source_fault(&parse->source, setting, NULL, "\"%s\" is as long as an earlier one", text);
    }
}

static void read_join_mail(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *setting = config_setting_get_member(root, "join_mail");
    const char *text = setting ? config_setting_get_string(setting) : NULL;

    if (!setting) {
        if (definition->join_url)
            definition->join_mail = (struct event_lead){ .hours = 2 };
        return;
    }
    if (text && !text[0]) /* none is wanted; a string that is asked for may not be empty elsewhere */
        return;
    const char *value = parse_string(parse, root, "join_mail", PARSE_LABEL);
    if (value && lead_or_fault(parse, setting, value, &definition->join_mail) && !definition->join_url) {
        source_warn(&parse->source, setting, NULL, "needs join_url: nobody gets a link");
        definition->join_mail.hours = 0;
    }
}

static void check_survey(struct parse *parse, const config_setting_t *group)
{
    const struct event_definition *definition = parse->definition;
    for (size_t i = 0; i < definition->language_count; i++) {
        const char *url = definition->thanks.survey.bodies[i];
        if (url && !parse_is_url(url)) {
            source_fault(&parse->source, group, "survey",
                         "must be a whole address that begins with https:// or http://");
            return;
        }
    }
}

static void read_thanks(struct parse *parse, const config_setting_t *root)
{
    static const char *const keys[] = { "after", "text", "survey", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_member(root, "thanks");

    if (!group || !source_group(&parse->source, group))
        return;
    (void)source_known(&parse->source, group, keys);
    definition->thanks.given = true;
    definition->thanks.after = (struct event_lead){ .hours = DAY_HOURS, .by_days = true };
    const char *after = parse_string(parse, group, "after", PARSE_LABEL);
    if (after)
        (void)lead_or_fault(parse, config_setting_get_member(group, "after"), after, &definition->thanks.after);
    definition->thanks.has_text = parse_text(parse, group, "text", PARSE_LONG, true, &definition->thanks.text);
    definition->thanks.has_survey = parse_text(parse, group, "survey", PARSE_URL, false, &definition->thanks.survey);
    if (definition->thanks.has_survey)
        check_survey(parse, group);
}

static void read_recipients(struct parse *parse, const config_setting_t *group)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(group, "to");
    bool given = parse_given(parse, group, "to");
    int count = given ? source_strings(&parse->source, list, RECIPIENTS_MAX, PARSE_LABEL) : -1;
    const char **to = parse_take(parse, count > 0 ? (size_t)count : 1, sizeof(*to));

    if (count == 0)
        source_fault(&parse->source, list, NULL, "is empty");
    for (int i = 0; to && i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        const char *address = config_setting_get_string(setting);
        const char *fault = settings_check_address(address);
        if (fault)
            source_fault(&parse->source, setting, NULL, "\"%s\" %s", address, fault);
        for (int k = 0; k < i; k++)
            if (to[k] && strcmp(to[k], address) == 0)
                source_fault(&parse->source, setting, NULL, "\"%s\" stands twice", address);
        to[i] = parse_copy(parse, address);
    }
    if (to && count > 0) {
        definition->notify.to = to;
        definition->notify.to_count = (size_t)count;
    }
}

/* "07:30" */
static void read_hour(struct parse *parse, const config_setting_t *group)
{
    struct event_definition *definition = parse->definition;
    const char *text = parse_string(parse, group, "at", PARSE_LABEL);
    struct wall wall;
    char whole[24];

    definition->notify.hour = 7;
    definition->notify.minute = 30;
    if (!text)
        return;
    bool good = strlen(text) == 5;
    if (good) {
        memcpy(whole, "2000-01-01T", 11);
        memcpy(whole + 11, text, 6);
        good = wall_parse(whole, &wall) == 0;
    }
    if (!good) {
        source_fault(&parse->source, group, "at", "\"%s\" is no time of the form 07:30", text);
        return;
    }
    definition->notify.hour = wall.hour;
    definition->notify.minute = wall.minute;
}

static void read_notify(struct parse *parse, const config_setting_t *root)
{
    static const char *const keys[] = { "to", "registrations", "digest", "at", "language", NULL };
    static const char *const digests[] = {
        [DIGEST_NONE] = "none", [DIGEST_DAILY] = "daily", [DIGEST_WEEKLY] = "weekly", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_member(root, "notify");

    if (!group || !source_group(&parse->source, group))
        return;
    (void)source_known(&parse->source, group, keys);
    read_recipients(parse, group);
    definition->notify.registrations = parse_bool(parse, group, "registrations", false);
    definition->notify.digest = (enum event_digest)parse_word(parse, group, "digest", digests, DIGEST_NONE);
    read_hour(parse, group);
    definition->notify.language = definition->languages[0];
    const char *language = parse_string(parse, group, "language", PARSE_LABEL);
    if (!language)
        return;
    if (!parse_language_form(language))
        source_fault(&parse->source, group, "language", "\"%s\" is not of the form en or pt-BR", language);
    definition->notify.language = language;
}

void parse_mails(struct parse *parse, const config_setting_t *root)
{
    read_reminders(parse, root);
    read_join_mail(parse, root);
    read_thanks(parse, root);
    read_notify(parse, root);
}
