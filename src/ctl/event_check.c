/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event check: all that is wrong with definitions, before they are where the daemon reads them. Where the
 * store can be opened it also says what would break what is stored. One thread. */
#include "ctl/event.h"

#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/faults.h"
#include "change/check_revision.h"
#include "ctl/ctl_event.h"
#include "event/folder.h"
#include "store/store.h"

/* What the store refuses joins the faults of its file. */
static enum ctl_exit hold_against_store(struct ctl *ctl, const struct event_folder *folder, struct faults *faults)
{
    struct arena *arena = arena_new();
    struct check_revision *check = arena ? arena_take(arena, sizeof(*check)) : NULL;
    const struct event_definition **definitions =
        arena ? arena_take(arena, (folder->count + 1) * sizeof(struct event_definition *)) : NULL;
    if (!check || !definitions) {
        arena_free(arena);
        return ctl_no_memory();
    }
    for (size_t i = 0; i < folder->count; i++)
        definitions[i] = folder->files[i].definition;
    *check = (struct check_revision){ .job = { .kind = &change_check_revision, .arena = arena },
                                      .count = folder->count,
                                      .definitions = definitions };
    int r = store_run(ctl->store, &check->job);
    if (r == 0)
        r = check->job.outcome;
    for (size_t i = 0; r == 0 && i < folder->count; i++)
        for (size_t k = 0; k < check->reasons[i].count; k++)
            faults_add(faults, folder->files[i].path, 0, NULL, "%s", check->reasons[i].items[k]);
    arena_free(arena);
    return r < 0 ? ctl_store_failed(ctl, r) : CTL_OK;
}

struct lists {
    json_t *faults, *warnings;
};

static int list_line(const struct fault_line *line, void *arg)
{
    const struct lists *lists = arg;
    json_t *object = json_pack("{s:s, s:i, s:s?, s:s}", "file", line->file, "line", (int)line->line, "key", line->key,
                               "text", line->text);
    return json_array_append_new(line->warning ? lists->warnings : lists->faults, object) < 0 ? -ENOMEM : 0;
}

static enum ctl_exit say_json(const struct faults *faults, size_t files, bool store)
{
    const struct lists lists = { json_array(), json_array() };
    if (faults_each(faults, list_line, (void *)&lists) < 0) {
        json_decref(lists.faults);
        json_decref(lists.warnings);
        return ctl_no_memory();
    }
    return ctl_print_json(json_pack("{s:b, s:I, s:b, s:o, s:o}", "ok", faults_count(faults) == 0, "files",
                                    (json_int_t)files, "store", (int)store, "faults", lists.faults, "warnings",
                                    lists.warnings));
}

static enum ctl_exit check(struct ctl *ctl, const struct event_arguments *arguments, struct faults *faults)
{
    struct event_folder folder;
    int r = event_folder_take((const char *const *)arguments->rest, arguments->rest_count, faults, &folder);
    if (r < 0)
        return ctl_no_memory();
    event_folder_check(&folder, ctl->settings, faults);
    enum ctl_exit exit = ctl->store ? hold_against_store(ctl, &folder, faults) : CTL_OK;
    event_folder_done(&folder);
    if (exit != CTL_OK)
        return exit;
    if (!ctl->store)
        ctl_complain("what is stored was not looked at");
    if (arguments->json) {
        exit = say_json(faults, arguments->rest_count, ctl->store != NULL);
    } else {
        faults_print(faults, arguments->rest_count, stdout);
        exit = ctl_output_done();
    }
    return exit == CTL_OK && faults_count(faults) > 0 ? CTL_WRONG : exit;
}

enum ctl_exit ctl_event_check(struct ctl *ctl, const struct event_arguments *arguments)
{
    struct faults *faults;
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    if (faults_new(&faults) < 0)
        return ctl_no_memory();
    exit = check(ctl, arguments, faults);
    faults_free(faults);
    return exit;
}
