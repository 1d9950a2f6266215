/* SPDX-License-Identifier: EUPL-1.2 */
/* What law and funders want said: funding, privacy, notices. Called by parse.c. Any thread. */
#include <string.h>

#include "event/parse.h"

static void read_funding(struct parse *parse, const config_setting_t *root)
{
    static const char *const keys[] = { "programme", "grant", "statement", "disclaimer", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_member(root, "funding");

    if (!group || !source_group(&parse->source, group))
        return;
    (void)source_known(&parse->source, group, keys);
    definition->funding.given = true;
    if (parse_given(parse, group, "programme"))
        definition->funding.programme = parse_string(parse, group, "programme", PARSE_LABEL);
    definition->funding.grant = parse_string(parse, group, "grant", PARSE_LABEL);
    if (parse_given(parse, group, "statement"))
        (void)parse_text(parse, group, "statement", PARSE_LONG, true, &definition->funding.statement);
    definition->funding.has_disclaimer =
        parse_text(parse, group, "disclaimer", PARSE_LONG, true, &definition->funding.disclaimer);
}

/* In the order of enum event_basis, behind BASIS_UNSAID. */
static void read_bases(struct parse *parse, const config_setting_t *group)
{
    static const char *const words[] = { "contract", "legal_obligation", "public_task", "legitimate_interests", NULL };
    struct event_definition *definition = parse->definition;

    definition->privacy.basis = (enum event_basis)(parse_word(parse, group, "basis", words, -1) + 1);
    definition->privacy.evidence_basis =
        (enum event_basis)(parse_word(parse, group, "evidence_basis", words, -1) + 1);
}

/* A day until which something is kept. */
static const char *read_until(struct parse *parse, const config_setting_t *root, const config_setting_t *group,
                              const char *key)
{
    const char *until = parse_date(parse, group, key), *ends = NULL;

    if (until && config_setting_lookup_string(root, "ends", &ends) && strncmp(until, ends, 10) < 0)
        source_fault(&parse->source, group, key, "is before the event ends");
    return until;
}

static void read_privacy(struct parse *parse, const config_setting_t *root)
{
    static const char *const keys[] = { "controller", "contact", "officer", "purposes", "basis", "evidence_basis",
                                        "recipients", "transfers", "authority", "retain_contact_until",
                                        "retain_evidence_until", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_member(root, "privacy");

    if (!group || !source_group(&parse->source, group))
        return;
    (void)source_known(&parse->source, group, keys);
    definition->privacy.given = true;
    definition->privacy.has_controller =
        parse_text(parse, group, "controller", PARSE_LONG, true, &definition->privacy.controller);
    definition->privacy.has_contact =
        parse_text(parse, group, "contact", PARSE_LONG, true, &definition->privacy.contact);
    definition->privacy.has_purposes =
        parse_text(parse, group, "purposes", PARSE_LONG, true, &definition->privacy.purposes);
    definition->privacy.has_recipients =
        parse_text(parse, group, "recipients", PARSE_LONG, true, &definition->privacy.recipients);
    definition->privacy.has_officer =
        parse_text(parse, group, "officer", PARSE_LONG, true, &definition->privacy.officer);
    definition->privacy.has_transfers =
        parse_text(parse, group, "transfers", PARSE_LONG, true, &definition->privacy.transfers);
    definition->privacy.has_authority =
        parse_text(parse, group, "authority", PARSE_LONG, true, &definition->privacy.authority);
    read_bases(parse, group);
    definition->privacy.retain_contact_until = read_until(parse, root, group, "retain_contact_until");
    definition->privacy.retain_evidence_until = read_until(parse, root, group, "retain_evidence_until");
}

static void read_notices(struct parse *parse, const config_setting_t *root)
{
    static const char *const keys[] = { "photo", "recording", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_member(root, "notices");

    if (!group || !source_group(&parse->source, group))
        return;
    (void)source_known(&parse->source, group, keys);
    definition->notices.has_photo = parse_text(parse, group, "photo", PARSE_LONG, true, &definition->notices.photo);
    definition->notices.has_recording =
        parse_text(parse, group, "recording", PARSE_LONG, true, &definition->notices.recording);
}

void parse_law(struct parse *parse, const config_setting_t *root)
{
    read_funding(parse, root);
    read_privacy(parse, root);
    read_notices(parse, root);
}
