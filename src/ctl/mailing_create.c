/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mailing create: holds what was typed against the event's definition, for a slip here goes to hundreds. One
 * thread. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "change/mailing.h"
#include "ctl/ctl_event.h"
#include "ctl/mailing.h"
#include "event/book.h"
#include "event/country.h"
#include "signup/state.h"
#include "store/db.h"
#include "store/store.h"

#define TEXT_MAX (64 * 1024) /* bytes of one language */
#define SUBJECT_MAX 200      /* characters */

struct writing {
    struct ctl *ctl;
    const struct mailing_arguments *arguments;
    struct arena *arena;
    const struct event_definition *definition;
    json_t *filter, *texts;
};

static enum ctl_exit wrong(const char *what, const char *value, const char *why)
{
    ctl_complain("%s %s: %s", what, value, why);
    return CTL_WRONG;
}

/* ---- texts ---- */

static bool has_language(const struct event_definition *definition, const char *language, size_t size)
{
    for (size_t i = 0; i < definition->language_count; i++)
        if (strlen(definition->languages[i]) == size && strncmp(definition->languages[i], language, size) == 0)
            return true;
    return false;
}

/* "fi=TEXT" of an event that does not speak it is no text in its first language. */
static bool is_foreign(const struct writing *writing, const char *value)
{
    return value[0] >= 'a' && value[0] <= 'z' && value[1] >= 'a' && value[1] <= 'z' && value[2] == '=' &&
           !has_language(writing->definition, value, 2);
}

/* "lt=TEXT" in the definition's languages; without one the first. */
static const char *split_language(const struct writing *writing, const char *value, const char **ret_rest)
{
    const struct event_definition *definition = writing->definition;
    for (size_t i = 0; i < definition->language_count; i++) {
        const size_t size = strlen(definition->languages[i]);
        if (strncmp(value, definition->languages[i], size) == 0 && value[size] == '=') {
            *ret_rest = value + size + 1;
            return definition->languages[i];
        }
    }
    *ret_rest = value;
    return definition->languages[0];
}

static enum ctl_exit put_text(const struct writing *writing, const char *language, const char *member, const char *text)
{
    json_t *object = json_object_get(writing->texts, language);
    if (!object) {
        object = json_object();
        if (json_object_set_new(writing->texts, language, object) < 0)
            return ctl_no_memory();
    }
    if (json_object_get(object, member))
        return wrong("--", member, "stands twice in one language");
    return json_object_set_new(object, member, json_string(text)) < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit take_subject(const struct writing *writing, const char *value)
{
    const char *rest, *language = split_language(writing, value, &rest);
    char *clean;
    if (is_foreign(writing, value))
        return wrong("--subject", value, "the event has no such language");
    int r = text_clean(writing->arena, rest, strlen(rest), false, &clean);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0 || text_is_blank(clean) || text_length(clean) > SUBJECT_MAX)
        return wrong("--subject", value, "is no text of at most 200 characters");
    return put_text(writing, language, "subject", clean);
}

static enum ctl_exit take_text(const struct writing *writing, const char *value)
{
    const char *path, *language = split_language(writing, value, &path);
    char *text = NULL, *clean;
    size_t size = 0;
    if (is_foreign(writing, value))
        return wrong("--text", value, "the event has no such language");
    int r = file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, TEXT_MAX, &text, &size);
    if (r < 0)
        return wrong("--text", path, r == -EFBIG ? "is too large" : "cannot be read");
    r = text_clean(writing->arena, text, size, true, &clean);
    free(text);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0 || text_is_blank(clean))
        return wrong("--text", path, r < 0 ? "is not in UTF-8" : "is empty");
    return put_text(writing, language, "text", clean);
}

static enum ctl_exit take_texts(const struct writing *writing)
{
    const struct mailing_arguments *arguments = writing->arguments;
    enum ctl_exit exit = CTL_OK;
    const char *language;
    json_t *text;

    for (size_t i = 0; exit == CTL_OK && i < arguments->subject_count; i++)
        exit = take_subject(writing, arguments->subjects[i]);
    for (size_t i = 0; exit == CTL_OK && i < arguments->text_count; i++)
        exit = take_text(writing, arguments->texts[i]);
    if (exit != CTL_OK)
        return exit;
    json_object_foreach(writing->texts, language, text)
        if (json_object_size(text) != 2)
            return wrong("the language", language, "has not both a subject and a text");
    return CTL_OK;
}

/* ---- whom it is for ---- */

static enum ctl_exit put_statuses(const struct writing *writing)
{
    const struct mailing_arguments *arguments = writing->arguments;
    json_t *statuses = json_array();
    int r = json_object_set_new(writing->filter, "status", statuses);

    for (size_t i = 0; i < arguments->status_count; i++) {
        if (state_by_name(arguments->statuses[i]) == STATE_NONE)
            return wrong("--status", arguments->statuses[i], "there is no such status");
        if (state_by_name(arguments->statuses[i]) == STATE_PENDING_EMAIL)
            return wrong("--status", arguments->statuses[i],
                         "nobody has confirmed these addresses, and they may be other people's");
        r = r < 0 ? r : json_array_append_new(statuses, json_string(arguments->statuses[i]));
    }
    if (arguments->status_count == 0)
        r = r < 0 ? r : json_array_append_new(statuses, json_string(state_name(STATE_CONFIRMED)));
    return r < 0 ? ctl_no_memory() : CTL_OK;
}

static bool has_session(const struct event_definition *definition, const char *id)
{
    for (size_t i = 0; i < definition->programme.session_count; i++)
        if (strcmp(definition->programme.sessions[i].id, id) == 0)
            return true;
    return false;
}

static enum ctl_exit put_word(const struct writing *writing, const char *key, const char *value, bool known)
{
    if (!value)
        return CTL_OK;
    if (!known) {
        ctl_complain("--%s %s: the event has no such %s", key, value, key);
        return CTL_WRONG;
    }
    return json_object_set_new(writing->filter, key, json_string(value)) < 0 ? ctl_no_memory() : CTL_OK;
}

/* One of the event's, or in which somebody reads it all the same: pages speak all that convened knows. */
static enum ctl_exit put_language(const struct writing *writing)
{
    const char *language = writing->arguments->language;
    bool known = language && has_language(writing->definition, language, strlen(language));
    if (language && !known) {
        struct query *query = ctl_query(writing->ctl, "SELECT 1 FROM event AS e JOIN registration AS r ON "
                                                      "r.event_id = e.id WHERE e.slug = :slug AND "
                                                      "r.language = :language LIMIT 1", ":language", language);
        if (!query)
            return CTL_CANNOT;
        db_bind_text(query, ":slug", writing->definition->slug);
        int r = db_step(query);
        db_finish(query);
        if (r < 0)
            return ctl_store_failed(writing->ctl, r);
        known = r > 0;
    }
    return put_word(writing, "language", language, known);
}

static const struct event_field *field_of(const struct event_definition *definition, const char *id, size_t size)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (strlen(definition->fields[i].id) == size && strncmp(definition->fields[i].id, id, size) == 0)
            return &definition->fields[i];
    return NULL;
}

static enum ctl_exit put_answer(const struct writing *writing, json_t *answers, const char *given)
{
    const char *sign = strchr(given, '=');
    const struct event_field *field =
        sign ? field_of(writing->definition, given, (size_t)(sign - given)) : NULL;
    if (!field)
        return wrong("--answer", given, sign ? "the event has no such field" : "write it as FIELD=VALUE");
    if (field->type == FIELD_SPECIAL_NEED) /* what it tells stands nowhere but in its own place */
        return wrong("--answer", given, "special needs are not searched");
    if (field->option_count > 0 && !event_option(field, sign + 1))
        return wrong("--answer", given, "the question has no such answer");
    return json_object_set_new(answers, field->id, json_string(sign + 1)) < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit put_answers(const struct writing *writing)
{
    const struct mailing_arguments *arguments = writing->arguments;
    json_t *answers = arguments->answer_count > 0 ? json_object() : NULL;
    enum ctl_exit exit = CTL_OK;

    for (size_t i = 0; exit == CTL_OK && i < arguments->answer_count; i++)
        exit = put_answer(writing, answers, arguments->answers[i]);
    if (exit == CTL_OK && answers && json_object_set(writing->filter, "answers", answers) < 0)
        exit = ctl_no_memory();
    json_decref(answers);
    return exit;
}

static enum ctl_exit make_filter(const struct writing *writing)
{
    const struct mailing_arguments *arguments = writing->arguments;
    const struct event_definition *definition = writing->definition;
    enum ctl_exit exit = put_statuses(writing);
    if (exit == CTL_OK)
        exit = put_word(writing, "mode", arguments->mode,
                        arguments->mode && event_mode(definition, arguments->mode) >= 0);
    if (exit == CTL_OK)
        exit = put_word(writing, "session", arguments->session,
                        arguments->session && has_session(definition, arguments->session));
    if (exit == CTL_OK)
        exit = put_language(writing);
    if (exit == CTL_OK)
        exit = put_word(writing, "country", arguments->country,
                        arguments->country && country_known(arguments->country));
    return exit == CTL_OK ? put_answers(writing) : exit;
}

/* ---- write it ---- */

static const char *dump(const struct writing *writing, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    const char *copy = text ? arena_copy(writing->arena, text) : NULL;
    free(text);
    return copy;
}

/* Whoever reads a language without a text gets another one. */
static void say_missing(const struct writing *writing)
{
    const struct event_definition *definition = writing->definition;
    for (size_t i = 0; i < definition->language_count; i++)
        if (!json_object_get(writing->texts, definition->languages[i]))
            (void)printf("no text in %s: who reads that gets another language\n", definition->languages[i]);
}

static enum ctl_exit say(const struct writing *writing, const struct mailing *mailing)
{
    struct query *query = db_query(writing->ctl->db, "mailing_count");
    db_bind_int(query, ":id", mailing->id);
    int r = db_step(query);
    int64_t people = r > 0 ? db_int(query, 0) : 0;
    if (r > 0)
        db_reset(query);
    if (r <= 0)
        return ctl_store_failed(writing->ctl, r < 0 ? r : -EIO);
    if (writing->arguments->json)
        return ctl_print_json(json_pack("{s:I, s:I}", "mailing", (json_int_t)mailing->id, "people",
                                        (json_int_t)people));
    (void)printf("mailing %" PRId64 ": today it is for %" PRId64 "; nothing is sent before convenectl mailing send %"
                 PRId64 "\n", mailing->id, people, mailing->id);
    say_missing(writing);
    return ctl_output_done();
}

static enum ctl_exit write_it(const struct writing *writing, int64_t event_id)
{
    struct mailing mailing = { .job = { .kind = &change_mailing_write, .arena = writing->arena },
                               .actor = "convenectl",
                               .event_id = event_id,
                               .filter = dump(writing, writing->filter),
                               .texts = dump(writing, writing->texts),
                               .news = writing->arguments->news };
    if (!mailing.filter || !mailing.texts)
        return ctl_no_memory();
    int r = store_run(writing->ctl->store, &mailing.job);
    if (r == 0)
        r = mailing.job.outcome;
    return r < 0 ? ctl_change_failed(writing->ctl, r, "whether it was written; mailing list tells")
                 : say(writing, &mailing);
}

enum ctl_exit mailing_create(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    struct event_book *book;
    enum ctl_exit exit = ctl_event_load(ctl, arguments->event, &book);
    if (exit != CTL_OK)
        return exit;
    struct writing writing = { .ctl = ctl, .arguments = arguments, .arena = arena_new(),
                               .definition = book->entries[0].definition, .filter = json_object(),
                               .texts = json_object() };
    exit = writing.arena && writing.filter && writing.texts ? CTL_OK : ctl_no_memory();
    if (exit == CTL_OK)
        exit = take_texts(&writing);
    if (exit == CTL_OK)
        exit = make_filter(&writing);
    if (exit == CTL_OK)
        exit = write_it(&writing, book->entries[0].event_id);
    json_decref(writing.filter);
    json_decref(writing.texts);
    arena_free(writing.arena);
    event_book_free(book);
    return exit;
}
