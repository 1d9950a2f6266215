/* SPDX-License-Identifier: EUPL-1.2 */
/* What a calendar answers to an invitation (RFC 5546 section 3.2.3), read line by line: a parser of the whole language
 * is nothing to give to strangers. Caller: returned. Pure. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/returned.h"
#include "mail/returned_part.h"

#define LINE_MAX_BYTES 2000

/* An unfolded line: NAME *(;PARAMETER) ":" VALUE */
struct content { char *name, *parameters, *value; };

static bool split(char *line, struct content *ret_content)
{
    bool quoted = false;
    char *colon = NULL;
    for (char *c = line; *c && !colon; c++) {
        if (*c == '"')
            quoted = !quoted;
        else if (*c == ':' && !quoted)
            colon = c;
    }
    if (!colon)
        return false;
    *colon = '\0';
    char *semicolon = strchr(line, ';');
    if (semicolon)
        *semicolon = '\0';
    *ret_content = (struct content){ line, semicolon ? semicolon + 1 : line + strlen(line), colon + 1 };
    return true;
}

/* Joins the lines that are folded, and cuts what is too long. False: the end. */
static bool next_line(const char *data, size_t size, size_t *at, char ret_line[static LINE_MAX_BYTES])
{
    const char *line;
    size_t length, n = 0, behind;

    if (!returned_line(data, size, at, &line, &length))
        return false;
    for (;;) {
        for (size_t i = 0; i < length && n < LINE_MAX_BYTES - 1; i++)
            if (line[i] != '\0')
                ret_line[n++] = line[i];
        behind = *at;
        if (!returned_line(data, size, &behind, &line, &length) || length == 0 || (*line != ' ' && *line != '\t'))
            break;
        *at = behind;
        line++;
        length--;
    }
    ret_line[n] = '\0';
    return true;
}

static const char *answer_of(const char *parameters)
{
    static const struct { const char *partstat, *answer; } answers[] = {
        { "PARTSTAT=ACCEPTED", "accepted" }, { "PARTSTAT=DECLINED", "declined" }, { "PARTSTAT=TENTATIVE", "tentative" },
    };
    for (const char *part = parameters; part; part = strchr(part, ';')) {
        part += *part == ';';
        size_t size = strcspn(part, ";");
        for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
            if (size == strlen(answers[i].partstat) && strncasecmp(part, answers[i].partstat, size) == 0)
                return answers[i].answer;
    }
    return NULL;
}

/* "mailto:anna@example.org" */
static const char *address_of(const char *value)
{
    return strncasecmp(value, "mailto:", 7) == 0 ? value + 7 : NULL;
}

static int keep(struct arena *arena, const char *text, const char **ret_text)
{
    if (*ret_text || !text)
        return 0;
    *ret_text = returned_clean(arena, text, strlen(text), LINE_MAX_BYTES);
    return *ret_text ? 0 : -ENOMEM;
}

int returned_read_calendar(struct arena *arena, const char *data, size_t size, struct returned *returned)
{
    char line[LINE_MAX_BYTES];
    struct content content;
    const char *uid = NULL, *attendee = NULL, *answer = NULL;
    bool replies = false, in_event = false, over = false;
    size_t at = 0;
    int r = 0;

    while (r == 0 && !over && next_line(data, size, &at, line)) {
        if (!split(line, &content))
            continue;
        if (strcasecmp(content.name, "METHOD") == 0)
            replies = strcasecmp(content.value, "REPLY") == 0;
        else if (strcasecmp(content.name, "BEGIN") == 0)
            in_event |= strcasecmp(content.value, "VEVENT") == 0;
        else if (strcasecmp(content.name, "END") == 0)
            over = strcasecmp(content.value, "VEVENT") == 0; /* all that follow are of the same entry */
        else if (in_event && strcasecmp(content.name, "UID") == 0)
            r = keep(arena, content.value, &uid);
        else if (in_event && strcasecmp(content.name, "ATTENDEE") == 0 && !attendee) {
            answer = answer_of(content.parameters);
            r = keep(arena, address_of(content.value), &attendee);
        }
    }
    if (r < 0 || !replies || !uid || !attendee || !answer)
        return r;
    returned->uid = uid;
    returned->attendee = attendee;
    returned->answer = answer;
    return 1;
}
