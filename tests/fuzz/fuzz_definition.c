/* SPDX-License-Identifier: EUPL-1.2 */
/* A definition file, and what reload, pages and mails ask of one that is good. */
#include "fuzz.h"

#include <sodium.h>

#include "base/faults.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"

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
