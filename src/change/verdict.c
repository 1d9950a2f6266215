/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads the codes of mail servers and sorts them. Callers: mail/returned, ctl, undeliverable. Pure. */
#include "change/verdict.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICTS] = { [VERDICT_PERMANENT] = "permanent",
                                                 [VERDICT_TRANSIENT] = "transient",
                                                 [VERDICT_POLICY] = "policy",
                                                 [VERDICT_DELAYED] = "delayed" };
    return names[verdict];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One to three digits. NULL: none stand there. */
static const char *read_number(const char *text, unsigned *ret_number)
{
    unsigned number = 0, count = 0;
    for (; count < 3 && is_digit(text[count]); count++)
        number = number * 10 + (unsigned)(text[count] - '0');
    if (count == 0 || is_digit(text[count]))
        return NULL;
    *ret_number = number;
    return text + count;
}

/* class "." subject "." detail, and no further number: not an address. */
static bool read_status(const char *text, struct verdict_status *ret_status)
{
    struct verdict_status status;
    if (*text != '2' && *text != '4' && *text != '5')
        return false;
    const char *c = read_number(text, &status.class);
    if (!c || *c++ != '.' || !(c = read_number(c, &status.subject)) || *c++ != '.' ||
        !(c = read_number(c, &status.detail)) || (*c == '.' && is_digit(c[1])) || status.class > 5)
        return false;
    *ret_status = status;
    return true;
}

/* A reply code of three digits, with what ends it. */
static bool is_reply(const char *text)
{
    return (*text == '4' || *text == '5') && text[1] >= '0' && text[1] <= '5' && is_digit(text[2]) &&
           (text[3] == ' ' || text[3] == '-' || text[3] == '\0');
}

struct verdict_status verdict_read(const char *words)
{
    struct verdict_status status = { 0 }, plain = { 0 };

    for (const char *c = words; *c; c++) {
        bool starts = c == words || strchr(" \t\n;:(#<'\"", c[-1]);
        if (!starts)
            continue;
        if (c > words && c[-1] == '#' && read_status(c, &status))
            return status;
        if (!is_reply(c))
            continue;
        if (c[3] && read_status(c + 4, &status) && status.class != 2)
            return status;
        if (plain.class == 0)
            plain.class = (unsigned)(*c - '0');
    }
    return plain;
}

struct verdict_status verdict_join(const char *field, const char *diagnostic)
{
    struct verdict_status status = { 0 };
    struct verdict_status said = diagnostic ? verdict_read(diagnostic) : status;

    while (field && (*field == ' ' || *field == '\t'))
        field++;
    if (!field || !read_status(field, &status) || status.class == 0)
        return said;
    if (status.class == 2 || status.subject != 0 || status.detail != 0 || said.class == 0)
        return status;
    return said; /* "5.0.0" of a program that writes nothing else, beside what the server said */
}

/* By RFC 3463, with what the large providers make of it. */
static enum verdict of_five(const struct verdict_status *status)
{
    static const struct { unsigned subject, detail; enum verdict verdict; } exceptions[] = {
        { 1, 7, VERDICT_POLICY },    /* our address as the sender's */
        { 1, 8, VERDICT_POLICY },
        { 2, 2, VERDICT_TRANSIENT }, /* the mailbox is full */
        { 2, 3, VERDICT_POLICY },    /* the message is too long */
        { 3, 1, VERDICT_TRANSIENT }, /* the server's disk is full */
        { 3, 4, VERDICT_POLICY },    /* the message is too big */
        { 4, 7, VERDICT_TRANSIENT }, /* nobody answered for days */
        { 4, 300, VERDICT_TRANSIENT }, /* Microsoft 365: the same */
        { 4, 316, VERDICT_TRANSIENT },
        { 4, 317, VERDICT_TRANSIENT },
        { 5, 0, VERDICT_PERMANENT }, /* Outlook.com: "mailbox unavailable" */
    };

    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (exceptions[i].subject == status->subject && exceptions[i].detail == status->detail)
            return exceptions[i].verdict;
    /* 5: our commands, 6: the message's contents, 7: security and policy */
    return status->subject >= 5 && status->subject <= 7 ? VERDICT_POLICY : VERDICT_PERMANENT;
}

enum verdict verdict_of(struct verdict_status status)
{
    if (status.class == 5)
        return of_five(&status);
    return status.class == 4 && status.subject == 7 ? VERDICT_POLICY : VERDICT_TRANSIENT;
}

void verdict_print(struct verdict_status status, char ret_text[static VERDICT_STATUS_SIZE])
{
    (void)snprintf(ret_text, VERDICT_STATUS_SIZE, "%u.%u.%u", status.class % 10, status.subject % 1000,
                   status.detail % 1000);
}
