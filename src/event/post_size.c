/* SPDX-License-Identifier: EUPL-1.2 */
/* Adds up the controls of a form, name by name and value by value, as a browser encodes them
 * (application/x-www-form-urlencoded, WHATWG URL standard, section 5.2). */
#include "event/post_size.h"

#include <stdbool.h>
#include <string.h>

#include "event/definition.h"

#define ESCAPE 3            /* one byte as %CE */
#define LETTER (2 * ESCAPE) /* of two bytes; the end of a line, CR LF, takes as much */
#define SIGNS 2             /* `=` and `&` */
#define NUMBER_MAX 40       /* characters of a number in a register */
#define PROPOSAL_MAX 500    /* characters of another time than the slots */
#define COUNTRY 2
#define REGION 5
#define YES 3
#define OURS 12          /* controls of the form itself: seal, invitation, number of guests, trap, buttons */
#define OURS_BYTES 600   /* of all of them: the seal and a token have most */

struct adding {
    struct post_size size;
    size_t prefix; /* of each name: `guest.12.` */
};

static size_t digits(size_t number)
{
    size_t count = 1;
    while (number >= 10) {
        number /= 10;
        count++;
    }
    return count;
}

/* A control whose name has NAME bytes and whose value VALUE, encoded. */
static void add(struct adding *adding, size_t name, size_t value)
{
    adding->size.controls++;
    adding->size.bytes += adding->prefix + name + value + SIGNS;
}

/* `NAME.PART` */
static size_t part(size_t name, const char *word)
{
    return name + 1 + strlen(word);
}

static size_t longest(const struct event_field *field)
{
    size_t most = 0;
    for (size_t i = 0; i < field->option_count; i++) {
        size_t length = strlen(field->options[i].id);
        most = length > most ? length : most;
    }
    return most;
}

/* The characters of a text. */
static size_t text_most(const struct event_field *field)
{
    return field->has_max && field->max < (double)field->max_length ? (size_t)field->max : (size_t)field->max_length;
}

static void add_organisation(struct adding *adding, const struct event_field *field)
{
    const size_t name = strlen(field->id);
    const size_t values[ORGANISATION_PARTS] = {
        [PART_NAME] = text_most(field) * LETTER, [PART_COUNTRY] = COUNTRY, [PART_NUMBER] = NUMBER_MAX * ESCAPE,
        [PART_SIZE] = NUMBER_MAX,                [PART_SME] = YES,
    };
    for (int i = 0; i < ORGANISATION_PARTS; i++)
        if (field->parts[i])
            add(adding, part(name, organisation_part_name((enum organisation_part)i)), values[i]);
}

static void add_field(struct adding *adding, const struct event_field *field)
{
    const size_t name = strlen(field->id);

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_TEXTAREA:
        add(adding, name, text_most(field) * LETTER);
        break;
    case FIELD_EMAIL: /* of Latin letters, but for a few */
    case FIELD_TEL:
    case FIELD_URL:
    case FIELD_NUMBER:
    case FIELD_DATE:
    case FIELD_SCALE:
        add(adding, name, (size_t)field->max_length * ESCAPE);
        break;
    case FIELD_CHOICE:
    case FIELD_STAKEHOLDER:
        add(adding, name, longest(field));
        break;
    case FIELD_CHOICES:
        for (size_t i = 0; i < field->option_count; i++)
            add(adding, name, strlen(field->options[i].id));
        break;
    case FIELD_RANKING:
        for (size_t i = 1; i <= (size_t)field->max; i++)
            add(adding, name + 1 + digits(i), longest(field));
        break;
    case FIELD_COUNTRY:
        add(adding, name, COUNTRY);
        break;
    case FIELD_REGION:
        add(adding, name, REGION);
        break;
    case FIELD_ORGANISATION:
        add_organisation(adding, field);
        break;
    case FIELD_CONSENT:
        add(adding, name, YES);
        break;
    case FIELD_SPECIAL_NEED:
        add(adding, name, text_most(field) * LETTER);
        add(adding, part(name, "consent"), YES);
        break;
    case FIELD_STATEMENT:
    case FIELD_HIDDEN:
    case FIELD_TYPES:
        break;
    }
}

static void add_round(struct adding *adding, const struct event_programme *programme, const struct event_round *round)
{
    const size_t name = part(strlen("session"), round->id);
    size_t most = 0;

    for (size_t i = 0; i < round->session_count; i++) {
        size_t length = strlen(programme->sessions[round->sessions[i]].id);
        most = length > most ? length : most;
        if (round->choose == CHOOSE_MANY)
            add(adding, name, length);
    }
    if (round->choose == CHOOSE_ONE)
        add(adding, name, most);
    for (size_t rank = 1; round->choose == CHOOSE_RANK && rank <= round->ranks; rank++)
        add(adding, name + 1 + digits(rank), most);
}

static void add_programme(struct adding *adding, const struct event_programme *programme)
{
    for (size_t i = 0; i < programme->round_count; i++)
        add_round(adding, programme, &programme->rounds[i]);
    if (programme->slot_count > 0)
        add(adding, strlen("slot"), PROGRAMME_KEY_SIZE * ESCAPE);
    if (programme->propose)
        add(adding, strlen("slot.propose"), PROPOSAL_MAX * LETTER);
}

static void add_guests(struct adding *adding, const struct event_definition *definition)
{
    for (int64_t n = 1; n < definition->group_max; n++) {
        adding->prefix = strlen("guest..") + digits((size_t)n);
        add(adding, strlen("_number"), digits((size_t)n));
        for (size_t i = 0; i < definition->field_count; i++) {
            const struct event_field *field = &definition->fields[i];
            if (field->role == ROLE_NAME || field->role == ROLE_EMAIL || field->each)
                add_field(adding, field);
        }
    }
    adding->prefix = 0;
}

struct post_size event_post_size(const struct event_definition *definition)
{
    struct adding adding = { .size = { .controls = OURS, .bytes = OURS_BYTES } };
    size_t mode = 0;

    for (size_t i = 0; i < definition->mode_count; i++) {
        size_t length = strlen(definition->modes[i].id);
        mode = length > mode ? length : mode;
    }
    if (definition->mode_asked)
        add(&adding, strlen("mode"), mode);
    add_programme(&adding, &definition->programme);
    for (size_t i = 0; i < definition->field_count; i++)
        add_field(&adding, &definition->fields[i]);
    add_guests(&adding, definition);
    return adding.size;
}
