/* SPDX-License-Identifier: EUPL-1.2 */
/* Catalogues: reads share/locale, flattens nested keys, falls back to English key by key, chooses plural forms by
 * ICU's rules (form suffixes of i18next JSON v4: _zero _one _two _few _many _other) and fills in {{name}}.
 * What stands inside a sentence is plain text: whoever shows it escapes it.
 * Callers: template (`t.`), page, mail. Loading: main thread. Reading: any thread; uplrules_select and unumf_formatInt
 * take const objects and keep nothing. */
#include "view/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "view/locale.h"

#define FILE_LIMIT (1u << 20)
#define KEY_SIZE 256
#define NESTING_MAX 8
#define ENGLISH "en"

struct catalogue {
    char language[8];
    json_t *words; /* flat: key -> sentence */
    UPluralRules *plurals;
    UNumberFormatter *numbers;
    const struct catalogue *english; /* NULL in English itself */
};

struct catalogues {
    struct catalogue **items; /* sorted by language */
    size_t count, room;
};

static void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    json_decref(catalogue->words);
    uplrules_close(catalogue->plurals);
    unumf_close(catalogue->numbers);
    free(catalogue);
}

static int fault(const char *path, int line, const char *text, const char *key)
{
    log_error("catalogue.fault", LOG_TEXT("file", path), LOG_INT("line", line), LOG_TEXT("fault", text),
              LOG_TEXT("key", key));
    return -EINVAL;
}

static int flatten(const char *path, const char *prefix, json_t *from, json_t *into, unsigned depth)
{
    const char *name;
    json_t *value;
    json_object_foreach(from, name, value) {
        char key[KEY_SIZE];
        int size = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name);
        if (size < 0 || (size_t)size >= sizeof key)
            return fault(path, 0, "the key is too long", prefix);
        if (json_is_object(value)) {
            int r = depth < NESTING_MAX ? flatten(path, key, value, into, depth + 1)
                                        : fault(path, 0, "nested too deeply", key);
            if (r < 0)
                return r;
            continue;
        }
        if (!json_is_string(value))
            return fault(path, 0, "neither a sentence nor a group of them", key);
        if (json_object_get(into, key))
            return fault(path, 0, "the key stands there twice", key);
        if (json_object_set(into, key, value) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int read_words(const char *path, json_t **ret_words)
{
    char *text;
    size_t size;
    int r = file_read(path, FILE_LIMIT, &text, &size);
    if (r < 0) {
        log_error("catalogue.read_failed", LOG_TEXT("file", path), LOG_ERRNO(r));
        return r;
    }
    json_error_t error;
    json_t *tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error), *words = json_object();
    free(text);
    if (!words)
        r = -ENOMEM;
    else if (!tree)
        r = fault(path, error.line, error.text, "");
    else if (!json_is_object(tree))
        r = fault(path, 1, "not an object", "");
    else
        r = flatten(path, "", tree, words, 0);
    if (r == 0 && !json_object_get(words, "language.name"))
        r = fault(path, 0, "the language's own name is missing", "language.name");
    json_decref(tree);
    if (r < 0) {
        json_decref(words);
        return r;
    }
    *ret_words = words;
    return 0;
}

static int open_rules(struct catalogue *catalogue)
{
    char locale[LOCALE_SIZE];
    locale_of(catalogue->language, locale);
    UErrorCode error = U_ZERO_ERROR;
    catalogue->plurals = uplrules_open(locale, &error);
    catalogue->numbers = unumf_openForSkeletonAndLocale(u"", 0, locale, &error);
    if (U_SUCCESS(error))
        return 0;
    log_error("catalogue.no_rules", LOG_TEXT("language", catalogue->language), LOG_TEXT("icu", u_errorName(error)));
    return error == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EINVAL;
}

static int add(struct catalogues *catalogues, const char *directory, const char *file, size_t stem)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s", directory, file);
    if (size < 0 || (size_t)size >= sizeof path)
        return fault(directory, 0, "the path is too long", "");
    if (catalogues->count == catalogues->room) {
        size_t room = catalogues->room ? catalogues->room * 2 : 32;
        struct catalogue **items = reallocarray(catalogues->items, room, sizeof(struct catalogue *));
        if (!items)
            return -ENOMEM;
        catalogues->items = items;
        catalogues->room = room;
    }
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (!catalogue)
        return -ENOMEM;
    if (stem >= sizeof catalogue->language || !locale_is_language(file, stem)) {
        catalogue_free(catalogue);
        return fault(path, 0, "the file's name is no language code", "");
    }
    memcpy(catalogue->language, file, stem);
    int r = read_words(path, &catalogue->words);
    if (r == 0)
        r = open_rules(catalogue);
    if (r < 0) {
        catalogue_free(catalogue);
        return r;
    }
    catalogues->items[catalogues->count++] = catalogue;
    return 0;
}

static int by_language(const void *a, const void *b)
{
    const struct catalogue *const *left = a, *const *right = b;
    return strcmp((*left)->language, (*right)->language);
}

/* Goes on after a fault, so that all show at once. */
static int add_all(struct catalogues *catalogues, const char *directory)
{
    DIR *dir = opendir(directory);
    if (!dir) {
        int error = -errno;
        log_error("catalogue.read_failed", LOG_TEXT("file", directory), LOG_ERRNO(error));
        return error;
    }
    int result = 0;
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(dir))) {
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || size < 5 || strcmp(entry->d_name + size - 5, ".json") != 0)
            continue;
        int r = add(catalogues, directory, entry->d_name, size - 5);
        if (r < 0 && result == 0)
            result = r;
    }
    if (errno != 0 && result == 0)
        result = -errno;
    (void)closedir(dir);
    return result;
}

int catalogues_load(const char *directory, struct catalogues **ret_catalogues)
{
    struct catalogues *catalogues = calloc(1, sizeof *catalogues);
    if (!catalogues)
        return -ENOMEM;
    int r = add_all(catalogues, directory);
    if (r == 0 && catalogues->count > 0)
        qsort(catalogues->items, catalogues->count, sizeof(struct catalogue *), by_language);
    const struct catalogue *english = catalogues_find(catalogues, ENGLISH);
    if (r == 0 && !english)
        r = fault(directory, 0, "there is no " ENGLISH ".json", "");
    if (r < 0) {
        catalogues_free(catalogues);
        return r;
    }
    for (size_t i = 0; i < catalogues->count; i++)
        if (catalogues->items[i] != english)
            catalogues->items[i]->english = english;
    *ret_catalogues = catalogues;
    return 0;
}

void catalogues_free(struct catalogues *catalogues)
{
    if (!catalogues)
        return;
    for (size_t i = 0; i < catalogues->count; i++)
        catalogue_free(catalogues->items[i]);
    free(catalogues->items);
    free(catalogues);
}

const struct catalogue *catalogues_find(const struct catalogues *catalogues, const char *language)
{
    for (size_t i = 0; i < catalogues->count; i++)
        if (strcmp(catalogues->items[i]->language, language) == 0)
            return catalogues->items[i];
    return NULL;
}

size_t catalogues_count(const struct catalogues *catalogues)
{
    return catalogues->count;
}

const struct catalogue *catalogues_at(const struct catalogues *catalogues, size_t position)
{
    return position < catalogues->count ? catalogues->items[position] : NULL;
}

const char *catalogue_language(const struct catalogue *catalogue)
{
    return catalogue->language;
}

const char *catalogue_own_name(const struct catalogue *catalogue)
{
    return catalogue_text(catalogue, "language.name");
}

static const char *own_text(const struct catalogue *catalogue, const char *key)
{
    return json_string_value(json_object_get(catalogue->words, key));
}

static const char *find(const struct catalogue *catalogue, const char *key)
{
    const char *text = own_text(catalogue, key);
    return text || !catalogue->english ? text : own_text(catalogue->english, key);
}

const char *catalogue_text(const struct catalogue *catalogue, const char *key)
{
    const char *text = find(catalogue, key);
    return text ? text : key;
}

bool catalogue_has(const struct catalogue *catalogue, const char *key)
{
    return find(catalogue, key) != NULL;
}

static const char *own_form(const struct catalogue *catalogue, const char *key, const char *form)
{
    char name[KEY_SIZE];
    int size = snprintf(name, sizeof name, "%s_%s", key, form);
    return size > 0 && (size_t)size < sizeof name ? own_text(catalogue, name) : NULL;
}

/* i18next takes _zero for 0 in every language that offers it, then the form of the rules. */
static const char *own_plural(const struct catalogue *catalogue, const char *key, int64_t count)
{
    const char *text = count == 0 ? own_form(catalogue, key, "zero") : NULL;
    UChar wide[16];
    char form[16] = "other";
    UErrorCode error = U_ZERO_ERROR;
    int32_t size = uplrules_select(catalogue->plurals, (double)count, wide, 16, &error);
    if (U_SUCCESS(error) && size < 16)
        u_UCharsToChars(wide, form, size + 1);
    if (!text)
        text = own_form(catalogue, key, form);
    if (!text)
        text = own_form(catalogue, key, "other");
    return text ? text : own_text(catalogue, key);
}

/* "1,234" as the language groups it; plainly if ICU cannot. */
static void number_text(const struct catalogue *catalogue, int64_t number, char *text, size_t room)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar wide[48];
    UFormattedNumber *result = unumf_openResult(&error);
    unumf_formatInt(catalogue->numbers, number, result, &error);
    int32_t size = unumf_resultToString(result, wide, 48, &error);
    unumf_closeResult(result);
    u_strToUTF8(text, (int32_t)room, NULL, wide, size, &error);
    if (U_FAILURE(error) || error == U_STRING_NOT_TERMINATED_WARNING)
        (void)snprintf(text, room, "%" PRId64, number);
}

/* The value of the placeholder NAME in the pairs ARGS. */
static const char *argument(va_list args, const char *name, size_t size)
{
    va_list pairs;
    va_copy(pairs, args);
    const char *found = NULL, *key;
    while (!found && (key = va_arg(pairs, const char *))) {
        const char *value = va_arg(pairs, const char *);
        if (strlen(key) == size && memcmp(key, name, size) == 0)
            found = value ? value : "";
    }
    va_end(pairs);
    return found;
}

/* i18next's placeholders: {{name}}, {{- name}} (unescaped there), {{name, format}}. One without a value stays as it
 * is, so that it is seen. */
static char *fill(struct arena *arena, const char *text, const char *count, va_list args)
{
    struct buffer out = { .data = NULL };
    for (const char *open; (open = strstr(text, "{{")); ) {
        const char *close = strstr(open, "}}");
        if (!close)
            break;
        const char *name = open + 2;
        name += strspn(name, "- ");
        size_t size = name < close ? strcspn(name, " ,}") : 0;
        const char *value = count && size == 5 && memcmp(name, "count", 5) == 0 ? count : argument(args, name, size);
        buffer_add(&out, text, (size_t)(open - text));
        if (value)
            buffer_text(&out, value);
        else
            buffer_add(&out, open, (size_t)(close + 2 - open));
        text = close + 2;
    }
    buffer_text(&out, text);
    char *result = buffer_check(&out) == 0 ? arena_copy_n(arena, buffer_string(&out), out.size) : NULL;
    buffer_done(&out);
    return result;
}

char *catalogue_format(const struct catalogue *catalogue, struct arena *arena, const char *key, ...)
{
    va_list args;
    va_start(args, key);
    char *result = fill(arena, catalogue_text(catalogue, key), NULL, args);
    va_end(args);
    return result;
}

char *catalogue_count(const struct catalogue *catalogue, struct arena *arena, const char *key, int64_t count, ...)
{
    const char *text = own_plural(catalogue, key, count);
    const struct catalogue *speaker = catalogue;
    if (!text && catalogue->english) {
        speaker = catalogue->english;
        text = own_plural(speaker, key, count);
    }
    char number[64];
    number_text(speaker, count, number, sizeof number);
    va_list args;
    va_start(args, count);
    char *result = fill(arena, text ? text : key, number, args);
    va_end(args);
    return result;
}
