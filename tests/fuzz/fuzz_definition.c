/* SPDX-License-Identifier: EUPL-1.2 */
/* A definition file, and what reload, pages and mails ask of one that is good. */
#include "fuzz.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/faults.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"

static void look_at_programme(const struct event_definition *definition)
{
    const struct event_programme *programme = &definition->programme;
    struct arena *arena = arena_new();
    struct event_place *places;
    size_t count;

    for (size_t i = 0; i < programme->session_count; i++) {
        const struct event_session *session = &programme->sessions[i];
        FUZZ_PROMISE(programme_session(programme, session->id) == (int)i && session->rooms);
        FUZZ_PROMISE(session->round < (int)programme->round_count);
        FUZZ_PROMISE(!session->has_times || (definition->starts <= session->starts && session->starts < session->ends));
    }
    for (size_t i = 0; i < programme->round_count; i++) {
        const struct event_round *round = &programme->rounds[i];
        FUZZ_PROMISE(programme_round(programme, round->id) == (int)i && round->choose != CHOOSE_NONE);
        FUZZ_PROMISE(round->session_count > 0 && round->ranks <= round->session_count);
        for (size_t k = 0; k < round->session_count; k++)
            FUZZ_PROMISE(programme->sessions[round->sessions[k]].round == (int)i);
    }
    FUZZ_PROMISE(programme->slot_count <= 2000);
    for (size_t i = 0; i < programme->slot_count; i++)
        FUZZ_PROMISE(programme->slots[i].resource < programme->resource_count &&
                     strlen(programme->slots[i].key) < PROGRAMME_KEY_SIZE);
    FUZZ_PROMISE(arena && programme_places(definition, arena, &count, &places) == 0);
    FUZZ_PROMISE(count >= definition->mode_count + programme->session_count + programme->slot_count);
    for (size_t i = 0; i < count; i++)
        FUZZ_PROMISE(places[i].key[0] && places[i].title && strlen(places[i].key) < PROGRAMME_KEY_SIZE);
    arena_free(arena);
}

static void look(const struct event_definition *definition)
{
    FUZZ_PROMISE(definition->slug && definition->language_count > 0 && definition->day_count > 0);
    FUZZ_PROMISE(definition->mode_count > 0 && zone_known(definition->zone));
    FUZZ_PROMISE(definition->starts <= definition->ends && definition->closes <= definition->ends);
    for (size_t l = 0; l < definition->language_count; l++) {
        const char *language = definition->languages[l], *spoken = NULL;
        unsigned char print[FORM_PRINT_SIZE];
        FUZZ_PROMISE(event_language(definition, language) == (int)l);
        const char *title = event_text_in(definition, &definition->title, language, &spoken);
        FUZZ_PROMISE(title && spoken && text_is_utf8(title, strlen(title)) && !text_has_control(title, strlen(title)));
        FUZZ_PROMISE(event_form_print(definition, language, print) == 0);
    }
    FUZZ_PROMISE(definition->changes_until <= definition->ends);
    look_at_programme(definition);
    for (size_t i = 0; i < definition->field_count; i++)
        FUZZ_PROMISE(event_field(definition, definition->fields[i].id) == &definition->fields[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    const struct event_definition *definition = NULL, *again = NULL;
    struct faults *faults;
    if (!ready)
        ready = sodium_init() >= 0 && zone_setup() == 0;
    FUZZ_PROMISE(ready && faults_new(&faults) == 0);
    char *text = fuzz_text(data, size);

    int r = event_definition_parse(text, size, "fuzz.conf", faults, &definition);
    FUZZ_PROMISE(r == (faults_count(faults) > 0 ? -EINVAL : 0));
    FUZZ_PROMISE((r == 0) == (definition != NULL));
    if (r == 0) {
        look(definition);
        /* The store keeps the text and reads it again. */
        FUZZ_PROMISE(event_definition_parse(text, size, "fuzz.conf", NULL, &again) == 0);
        FUZZ_PROMISE(strcmp(again->slug, definition->slug) == 0 && again->starts == definition->starts);
        event_definition_unref(again);
        event_definition_unref(definition);
    }
    faults_free(faults);
    free(text);
    return 0;
}
