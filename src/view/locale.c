/* SPDX-License-Identifier: EUPL-1.2 */
/* Language codes and ICU's locales. Callers: catalogue, words. Pure, any thread. */
#include "view/locale.h"

#include <string.h>

void locale_of(const char *language, char ret_locale[static LOCALE_SIZE])
{
    if (strcmp(language, "en") == 0)
        language = "en_GB";
    size_t size = 0;
    for (; language[size] != '\0' && size < LOCALE_SIZE - 1; size++)
        ret_locale[size] = language[size] == '-' ? '_' : language[size];
    ret_locale[size] = '\0';
}

bool locale_is_language(const char *text, size_t size)
{
    size_t small = 0;
    while (small < size && text[small] >= 'a' && text[small] <= 'z')
        small++;
    if (small < 2 || small > 3)
        return false;
    if (small == size)
        return true;
    return size == small + 3 && text[small] == '-' && text[small + 1] >= 'A' && text[small + 1] <= 'Z' &&
           text[small + 2] >= 'A' && text[small + 2] <= 'Z';
}
