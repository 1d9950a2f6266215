/* SPDX-License-Identifier: EUPL-1.2 */
/* Comma-separated values: RFC 4180 with a byte order mark. Called by report/export and report/person. */
#include "report/csv.h"

#include <string.h>

void csv_begin(struct csv *csv, FILE *out)
{
    *csv = (struct csv){ .out = out };
    (void)fputs("\xef\xbb\xbf", out);
}

static void separate(struct csv *csv)
{
    if (csv->begun)
        (void)fputc(',', csv->out);
    csv->begun = true;
}

/* Spreadsheets take a cell for a formula if it begins so, quoted or not; some also by the full-width forms. */
static bool looks_like_formula(const char *text)
{
    static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b",
                                          "\xef\xbc\x8d", "\xef\xbc\xa0" };

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

void csv_text(struct csv *csv, const char *text)
{
    separate(csv);
    if (!text || !*text)
        return;
    const bool guard = looks_like_formula(text);
    const bool quote = strpbrk(text, ",;\"\r\n\t") || text[0] == ' ' || text[strlen(text) - 1] == ' ';

    if (quote)
        (void)fputc('"', csv->out);
    if (guard)
        (void)fputc('\'', csv->out);
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            (void)fputc('"', csv->out);
        (void)fputc(*p, csv->out);
    }
    if (quote)
        (void)fputc('"', csv->out);
}

void csv_number(struct csv *csv, const char *digits)
{
    separate(csv);
    (void)fputs(digits, csv->out);
}

void csv_end_row(struct csv *csv)
{
    (void)fputs("\r\n", csv->out);
    csv->begun = false;
}
