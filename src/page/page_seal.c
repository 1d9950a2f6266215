/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes and judges the form's signed time. Called by page_event and page_sign_up. A worker's thread. */
#include "page/page_seal.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/site.h"

#define YOUNGEST 3          /* seconds; nobody fills the shortest form faster */
#define OLDEST (24 * 3600)

static void put_number(unsigned char *out, int64_t number)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

static int64_t get_number(const unsigned char *in)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | in[i];
    return (int64_t)number;
}

/* What the form asks in the page's language; text that a definition lacks there is shown in its default. */
static const unsigned char *print_of(const struct page *page, const struct event_entry *entry)
{
    int language = event_language(entry->definition, page->language);

    return entry->form_prints[language < 0 ? 0 : language];
}

static const char *bound(const struct page *page, const struct event_entry *entry)
{
    return arena_format(page->arena, "%s/%s", entry->definition->slug, page->language);
}

int page_seal_make(const struct page *page, const struct event_entry *entry, char ret_seal[static PAGE_SEAL_SIZE])
{
    unsigned char data[PAGE_SEAL_DATA];
    const char *text = bound(page, entry);

    if (!text)
        return -ENOMEM;
    put_number(data, page->now);
    put_number(data + 8, entry->revision_id);
    memcpy(data + 16, print_of(page, entry), FORM_PRINT_SIZE);
    seal_make(page->worker->options->keyring, TOKEN_FORM, data, sizeof data, text, ret_seal);
    return 0;
}

enum page_seal_fault page_seal_check(const struct page *page, const struct event_entry *entry, const struct form *form,
                                     int64_t *ret_revision)
{
    unsigned char data[PAGE_SEAL_DATA];
    const char *seal = form_value(form, "_form"), *text = bound(page, entry);
    int64_t age;

    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->values[i].name, "_website") == 0 && form->values[i].size > 0)
            return PAGE_SEAL_TRAPPED;
    if (!seal || !text
        || seal_open(page->worker->options->keyring, TOKEN_FORM, seal, text, data, sizeof data) < 0)
        return PAGE_SEAL_BROKEN;
    age = page->now - get_number(data);
    if (age < YOUNGEST)
        return PAGE_SEAL_YOUNG;
    if (age > OLDEST)
        return PAGE_SEAL_OLD;
    if (get_number(data + 8) != entry->revision_id && memcmp(data + 16, print_of(page, entry), FORM_PRINT_SIZE) != 0)
        return PAGE_SEAL_CHANGED;
    *ret_revision = get_number(data + 8);
    return PAGE_SEAL_GOOD;
}

const char *page_seal_word(enum page_seal_fault fault)
{
    static const char *const words[] = {
        [PAGE_SEAL_GOOD] = "none",     [PAGE_SEAL_BROKEN] = "broken",   [PAGE_SEAL_YOUNG] = "young",
        [PAGE_SEAL_OLD] = "old",       [PAGE_SEAL_CHANGED] = "changed", [PAGE_SEAL_TRAPPED] = "trapped",
    };

    return words[fault];
}
