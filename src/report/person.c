/* SPDX-License-Identifier: EUPL-1.2 */
/* The copy of a person's own data. Called by page/page_record (reading, a reader's thread) and page/page_data (the
 * table). */
#include "report/person.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "event/definition.h"
#include "report/csv.h"
#include "report/record.h"
#include "report/row.h"
#include "store/db.h"

/* ---- reading ---- */

static int read_rows(struct db *db, const char *statement, int64_t id, json_t **ret_rows)
{
    struct query *query = db_query(db, statement);
    json_t *rows = json_array();
    int r;

    db_bind_int(query, ":registration", id);
    while ((r = db_step(query)) > 0) {
        if (json_array_append_new(rows, row_object(query)) < 0) {
            db_reset(query);
            r = -ENOMEM;
            break;
        }
    }
    if (r < 0) {
        json_decref(rows);
        return r;
    }
    *ret_rows = rows;
    return 0;
}

static const char *option_word(const struct event_definition *definition, const struct event_field *field,
                               const json_t *answer, const char *language)
{
    const char *id = json_string_value(answer);
    const struct event_option *option = id && field->option_count > 0 ? event_option(field, id) : NULL;

    return option && !field->shared_options ? event_text_in(definition, &option->label, language, NULL) : id;
}

/* What is chosen by ids, in words, one after the other; NULL: the answer is its own word. */
static json_t *option_words(const struct event_definition *definition, const struct event_field *field,
                            json_t *answer, const char *language)
{
    struct buffer words = { 0 };
    json_t *member, *text;
    size_t i;

    if (field->option_count == 0 || (json_is_string(answer) && field->shared_options))
        return NULL;
    if (json_is_string(answer))
        return json_string(option_word(definition, field, answer, language));
    if (!json_is_array(answer))
        return NULL;
    json_array_foreach(answer, i, member) {
        const char *word = option_word(definition, field, member, language);
        buffer_format(&words, "%s%s", i > 0 ? "; " : "", word ? word : "");
    }
    text = buffer_check(&words) == 0 ? json_string(buffer_string(&words)) : NULL;
    buffer_done(&words);
    return text;
}

static json_t *answer_of(const struct record *record, const struct event_field *field, const json_t *answers)
{
    if (field->role == ROLE_NAME)
        return record->name ? json_string(record->name) : json_null();
    if (field->role == ROLE_EMAIL)
        return record->email ? json_string(record->email) : json_null();
    json_t *answer = json_object_get(answers, field->id);
    return answer ? json_incref(answer) : json_null();
}

/* In the order of the form that its owner saw. */
static json_t *answers_list(const struct record *record, json_t *answers, const char *language)
{
    const struct event_definition *definition = record->definition;
    json_t *list = json_array();
    int r = list ? 0 : -1;

    for (size_t i = 0; r == 0 && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        if (field->type == FIELD_STATEMENT || field->type == FIELD_SPECIAL_NEED) /* no answer; a part of its own */
            continue;
        json_t *answer = answer_of(record, field, answers);
        json_t *words = option_words(definition, field, answer, language);
        const char *question = event_text_in(definition, &field->label, language, NULL);
        json_t *line = json_pack("{s:s, s:s, s:s, s:o}", "field", field->id, "type", field_type_name(field->type),
                                 "question", question ? question : "", "answer", answer);
        if (words && json_object_set_new(line, "answer_in_words", words) < 0)
            r = -1;
        if (json_array_append_new(list, line) < 0)
            r = -1;
        if (json_object_get(answers, field->id))
            r = r < 0 ? r : json_object_del(answers, field->id);
    }
    if (r == 0 && json_object_size(answers) > 0) { /* nothing that is held is kept back */
        const char *key;
        json_t *value;
        json_object_foreach(answers, key, value) {
            if (json_array_append_new(list, json_pack("{s:s, s:O}", "field", key, "answer", value)) < 0)
                r = -1;
        }
    }
    if (r < 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* -EIO: what stands in the store is not what we write there. */
static int read_answers(const struct record *record, json_t **ret_answers)
{
    json_error_t error;
    json_t *answers = json_loads(record->answers ? record->answers : "{}", JSON_REJECT_DUPLICATES, &error);

    if (!answers)
        return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EIO;
    *ret_answers = answers;
    return 0;
}

static const struct part { const char *name, *statement; } parts[] = {
    { "special_needs", "person_privates" },
    { "consents", "person_consents" },       { "submissions", "person_submissions" },
    { "places", "person_places" },           { "wishes", "person_wishes" },
    { "offers", "person_offers" },           { "invitation", "person_invitation" },
    { "addresses", "person_addresses" },     { "mails", "person_mails" },
    { "bounces", "person_bounces" },         { "calendar_replies", "person_calendar_replies" },
    { "history", "person_history" },
};

static int read_parts(struct db *db, const struct record *record, const char *language, json_t *person)
{
    json_t *rows, *answers, *list;
    int r = read_rows(db, "person_row", record->id, &rows);

    if (r < 0)
        return r;
    bool there = json_array_size(rows) > 0;
    r = there ? json_object_set(person, "registration", json_array_get(rows, 0)) : 0;
    json_decref(rows);
    if (r < 0 || !there)
        return r < 0 ? -ENOMEM : -ENOENT;
    r = read_answers(record, &answers);
    if (r < 0)
        return r;
    list = answers_list(record, answers, language);
    json_decref(answers);
    if (json_object_set_new(person, "answers", list) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        r = read_rows(db, parts[i].statement, record->id, &rows);
        if (r < 0)
            return r;
        if (json_object_set_new(person, parts[i].name, rows) < 0)
            return -ENOMEM;
    }
    return 0;
}

int person_read(struct db *db, const struct record *record, const char *language, json_t **ret_person)
{
    json_t *person = json_object();
    int r = person ? read_parts(db, record, language ? language : record->language, person) : -ENOMEM;

    if (r < 0) {
        json_decref(person);
        return r;
    }
    *ret_person = person;
    return 0;
}

/* ---- the table ---- */

static int write_value(struct csv *csv, const json_t *value)
{
    char digits[ROW_NUMBER_SIZE];

    switch (json_typeof(value)) {
    case JSON_STRING: csv_text(csv, json_string_value(value)); return 0;
    case JSON_TRUE: csv_text(csv, "true"); return 0;
    case JSON_FALSE: csv_text(csv, "false"); return 0;
    case JSON_NULL: csv_text(csv, NULL); return 0;
    case JSON_INTEGER:
        (void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        csv_number(csv, digits);
        return 0;
    case JSON_REAL:
        (void)snprintf(digits, sizeof(digits), "%.15g", json_real_value(value));
        csv_number(csv, digits);
        return 0;
    case JSON_OBJECT:
    case JSON_ARRAY: break;
    }
    char *text = json_dumps(value, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    csv_text(csv, text);
    free(text);
    return 0;
}

static int write_line(struct csv *csv, const char *part, size_t number, const char *key, const char *question,
                      const json_t *value)
{
    char digits[ROW_NUMBER_SIZE];

    (void)snprintf(digits, sizeof(digits), "%zu", number);
    csv_text(csv, part);
    csv_number(csv, digits);
    csv_text(csv, key);
    csv_text(csv, question);
    int r = write_value(csv, value);
    csv_end_row(csv);
    return r;
}

static int write_answer(struct csv *csv, size_t number, const json_t *line)
{
    const json_t *words = json_object_get(line, "answer_in_words");
    json_t *answer = json_object_get(line, "answer"), *value;
    const char *key;
    char part[128];
    int r = 0;

    if (json_is_object(answer)) { /* an organisation: a row for each part */
        json_object_foreach(answer, key, value) {
            (void)snprintf(part, sizeof(part), "%s.%s", json_string_value(json_object_get(line, "field")), key);
            if (r == 0)
                r = write_line(csv, "answers", number, part, json_string_value(json_object_get(line, "question")),
                               value);
        }
        return r;
    }
    return write_line(csv, "answers", number, json_string_value(json_object_get(line, "field")),
                      json_string_value(json_object_get(line, "question")),
                      words ? words : answer);
}

static int write_object(struct csv *csv, const char *part, size_t number, json_t *object)
{
    const char *key;
    json_t *value;
    int r = 0;

    json_object_foreach(object, key, value) {
        if (r == 0)
            r = write_line(csv, part, number, key, NULL, value);
    }
    return r;
}

int person_csv(const json_t *person, FILE *out)
{
    static const char *const headings[] = { "part", "number", "key", "question", "value" };
    struct csv csv;
    const char *part;
    json_t *value, *row;
    size_t i;
    int r = 0;

    csv_begin(&csv, out);
    for (i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
        csv_text(&csv, headings[i]);
    csv_end_row(&csv);
    json_object_foreach((json_t *)person, part, value) {
        if (r == 0 && json_is_object(value))
            r = write_object(&csv, part, 1, value);
        json_array_foreach(value, i, row) {
            if (r == 0)
                r = strcmp(part, "answers") == 0 ? write_answer(&csv, i + 1, row)
                                                 : write_object(&csv, part, i + 1, row);
        }
    }
    return r == 0 && ferror(out) ? -EIO : r;
}
