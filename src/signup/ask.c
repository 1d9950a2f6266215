/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes of an understood form the set of places that a person asks for. Called by page/sign_up, by the change of one's
 * own registration and by convenectl. Pure. Any thread. */
#include "signup/ask.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "signup/address.h"
#include "signup/provider.h"
#include "signup/rules.h"

#define INVITED_NAME "invited"

struct asking {
    struct arena *arena;
    const struct event_entry *entry;
    const struct rules_result *rules;
    const struct ask_invitation *invitation; /* NULL: none */
    struct ask *ask;
};

static int64_t session_place(const struct asking *asking, size_t session)
{
    const size_t modes = asking->entry->definition->mode_count;
    return asking->entry->session_places[session * modes + (size_t)asking->rules->mode_index];
}

static int ask_places(struct asking *asking)
{
    const struct rules_result *rules = asking->rules;
    struct ask *ask = asking->ask;

    ask->mode = asking->entry->mode_places[rules->mode_index];
    ask->places = arena_take(asking->arena, (rules->session_count + 1) * sizeof(*ask->places));
    ask->wishes = arena_take(asking->arena, (rules->wish_count + 1) * sizeof(*ask->wishes));
    if (!ask->places || !ask->wishes)
        return -ENOMEM;
    for (size_t i = 0; i < rules->session_count; i++)
        ask->places[ask->place_count++] = session_place(asking, rules->sessions[i]);
    if (rules->slot >= 0)
        ask->places[ask->place_count++] = asking->entry->slot_places[rules->slot];
    for (size_t i = 0; i < rules->wish_count; i++) {
        const struct rules_wish *wish = &rules->wishes[i];
        const char *round = arena_copy(asking->arena, asking->entry->definition->programme.rounds[wish->round].id);
        if (!round)
            return -ENOMEM;
        ask->wishes[ask->wish_count++] = (struct ask_wish){ .round = round,
                                                            .rank = (int64_t)wish->rank,
                                                            .place = session_place(asking, wish->session) };
    }
    if (!rules->proposal)
        return 0;
    ask->proposal = arena_copy(asking->arena, rules->proposal);
    return ask->proposal ? 0 : -ENOMEM;
}

/* The values of the form, and whether somebody was invited. */
struct invited_values {
    struct condition_values form;
    bool invited;
};

static const char *invited_value(void *arg, const char *name, size_t n)
{
    const struct invited_values *values = arg;

    if (strcmp(name, INVITED_NAME) != 0)
        return values->form.value(values->form.arg, name, n);
    return n == 0 && values->invited ? "yes" : NULL;
}

static bool opens(const struct asking *asking, const struct event_reserve *reserve)
{
    const char *opened = asking->invitation ? asking->invitation->reserve : NULL;
    return opened && strcmp(opened, reserve->id) == 0;
}

static int ask_reserves(struct asking *asking)
{
    const struct event_programme *programme = &asking->entry->definition->programme;
    struct ask *ask = asking->ask;
    struct invited_values invited = { .invited = asking->invitation != NULL };
    const struct condition_values values = { .value = invited_value, .arg = &invited };

    ask->reserves = arena_take(asking->arena, (programme->reserve_count + 1) * sizeof(*ask->reserves));
    if (!ask->reserves)
        return -ENOMEM;
    int r = rules_values(asking->arena, asking->entry->definition, asking->rules, &invited.form);
    if (r < 0)
        return r;
    for (size_t i = 0; i < programme->reserve_count; i++) {
        const struct event_reserve *reserve = &programme->reserves[i];
        if (reserve->mode != asking->rules->mode_index)
            continue;
        if (opens(asking, reserve) || (reserve->condition && condition_holds(reserve->condition, &values)))
            ask->reserves[ask->reserve_count++] = asking->entry->reserve_places[i];
    }
    return 0;
}

/* Adds a cap that KEY and TITLE, in the arena, are of. */
static int add_cap(struct asking *asking, const char *key, const char *title, int64_t max)
{
    struct ask *ask = asking->ask;

    if (!key || !title)
        return -ENOMEM;
    ask->caps[ask->cap_count++] = (struct ask_cap){ .key = key, .title = title, .max = max };
    return 0;
}

/* Letters and digits of a registry number, in upper case: people write the same one with blanks, dots and dashes. */
static char *plain_number(struct arena *arena, const char *number)
{
    char *plain = arena_take(arena, strlen(number) + 1);
    size_t n = 0;

    for (const char *c = number; plain && *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            plain[n++] = (char)(*c - 'a' + 'A');
        else if ((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9'))
            plain[n++] = *c;
    }
    return plain;
}

/* Key NULL: the address may be anybody's. */
static int cap_of_domain(struct arena *arena, const char *email, int64_t max, struct ask_cap *ret_cap)
{
    const char *domain;
    int r = address_domain(arena, email, &domain);
    if (r < 0)
        return r;
    *ret_cap = (struct ask_cap){ .title = domain, .max = max };
    if (provider_known(domain))
        return 0;
    ret_cap->key = arena_format(arena, "org:@%s", domain);
    return ret_cap->key ? 0 : -ENOMEM;
}

/* By registry number, or else by the address, unless that may be anybody's. */
static int cap_organisation(struct asking *asking, int64_t max)
{
    const struct rules_result *rules = asking->rules;
    struct arena *arena = asking->arena;
    const char *number = rules->registry_number ? plain_number(arena, rules->registry_number) : "";

    if (!number)
        return -ENOMEM;
    if (number[0]) {
        const char *country = rules->country ? rules->country : "";
        const char *known = arena_format(arena, "%s%s%s", country, country[0] ? "-" : "", number);
        return add_cap(asking, known ? arena_format(arena, "org:%s", known) : NULL,
                       rules->organisation ? arena_copy(arena, rules->organisation) : known, max);
    }
    struct ask_cap cap;
    int r = rules->email ? cap_of_domain(arena, rules->email, max, &cap) : 0;
    return r < 0 || !rules->email || !cap.key ? r : add_cap(asking, cap.key, cap.title, max);
}

int ask_domain_cap(struct arena *arena, const struct event_definition *definition, const char *email, bool *ret_counted,
                   struct ask_cap *ret_cap)
{
    *ret_counted = false;
    *ret_cap = (struct ask_cap){ .key = NULL };
    for (size_t i = 0; i < definition->programme.cap_count; i++) {
        const struct event_cap *cap = &definition->programme.caps[i];
        if (cap->by != CAP_ORGANISATION)
            continue;
        *ret_counted = true;
        return cap_of_domain(arena, email, cap->max, ret_cap);
    }
    return 0;
}

static int cap_country(struct asking *asking, int64_t max)
{
    const char *country = asking->rules->country;

    if (!country)
        return 0;
    return add_cap(asking, arena_format(asking->arena, "country:%s", country), arena_copy(asking->arena, country), max);
}

static int cap_stakeholder(struct asking *asking, int64_t max)
{
    const struct event_definition *definition = asking->entry->definition;
    const struct event_field *field = event_field_by_role(definition, ROLE_STAKEHOLDER);
    const char *type = asking->rules->stakeholder;

    if (!type)
        return 0;
    const struct event_option *option = field ? event_option(field, type) : NULL;
    const char *title = type; /* of the shared vocabulary each page has words of its own */
    if (option && !field->shared_options)
        title = event_text_in(definition, &option->label, definition->languages[0], NULL);
    return add_cap(asking, arena_format(asking->arena, "type:%s", type), arena_copy(asking->arena, title), max);
}

static int cap_invitation(struct asking *asking)
{
    const struct ask_invitation *invitation = asking->invitation;

    if (!invitation)
        return 0;
    const char *key = arena_format(asking->arena, "invite:%" PRId64, invitation->id);
    return add_cap(asking, key, key, invitation->uses);
}

static int ask_caps(struct asking *asking)
{
    const struct event_programme *programme = &asking->entry->definition->programme;
    int r = 0;

    asking->ask->caps = arena_take(asking->arena, (programme->cap_count + 1) * sizeof(*asking->ask->caps));
    if (!asking->ask->caps)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < programme->cap_count; i++) {
        const struct event_cap *cap = &programme->caps[i];
        switch (cap->by) {
        case CAP_ORGANISATION: r = cap_organisation(asking, cap->max); break;
        case CAP_COUNTRY: r = cap_country(asking, cap->max); break;
        case CAP_STAKEHOLDER: r = cap_stakeholder(asking, cap->max); break;
        }
    }
    return r < 0 ? r : cap_invitation(asking);
}

int ask_make(struct arena *arena, const struct event_entry *entry, const struct rules_result *rules,
             const struct ask_invitation *invitation, struct ask *ret_ask)
{
    struct ask ask = { 0 };
    struct asking asking = {
        .arena = arena, .entry = entry, .rules = rules, .invitation = invitation, .ask = &ask
    };
    int r = ask_places(&asking);

    if (r == 0)
        r = ask_reserves(&asking);
    if (r == 0)
        r = ask_caps(&asking);
    if (r < 0)
        return r;
    *ret_ask = ask;
    return 0;
}

/* COUNT items of SIZE bytes; never NULL but without memory. */
static void *copy_items(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *copy = arena_take(arena, (count + 1) * size);
    if (copy && count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

int ask_copy(struct arena *arena, const struct ask *ask, struct ask *ret_ask)
{
    struct ask copy = *ask;

    copy.places = copy_items(arena, ask->places, ask->place_count, sizeof(*ask->places));
    copy.reserves = copy_items(arena, ask->reserves, ask->reserve_count, sizeof(*ask->reserves));
    copy.caps = copy_items(arena, ask->caps, ask->cap_count, sizeof(*ask->caps));
    copy.wishes = copy_items(arena, ask->wishes, ask->wish_count, sizeof(*ask->wishes));
    copy.proposal = arena_copy(arena, ask->proposal);
    if (!copy.places || !copy.reserves || !copy.caps || !copy.wishes || (ask->proposal && !copy.proposal))
        return -ENOMEM;
    for (size_t i = 0; i < copy.cap_count; i++) {
        copy.caps[i].key = arena_copy(arena, ask->caps[i].key);
        copy.caps[i].title = arena_copy(arena, ask->caps[i].title);
        if (!copy.caps[i].key || !copy.caps[i].title)
            return -ENOMEM;
    }
    for (size_t i = 0; i < copy.wish_count; i++) {
        copy.wishes[i].round = arena_copy(arena, ask->wishes[i].round);
        if (!copy.wishes[i].round)
            return -ENOMEM;
    }
    *ret_ask = copy;
    return 0;
}
