/* SPDX-License-Identifier: EUPL-1.2 */
/* What convenectl's subcommands share: how they complain, ask the store and end. One thread. */
#include "ctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define JSON_STYLE (JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

void ctl_complain(const char *format, ...)
{
    va_list args;

    (void)fputs("convenectl: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

void ctl_usage(const struct ctl_command *command, FILE *out)
{
    for (const char *form = command->usage; *form;) {
        size_t size = strcspn(form, "\n");
        (void)fprintf(out, "  %s %.*s\n", command->name, (int)size, form);
        form += size + (form[size] == '\n');
    }
}

enum ctl_exit ctl_misused(const struct ctl_command *command)
{
    (void)fputs("usage: convenectl [-c FILE]\n", stderr);
    ctl_usage(command, stderr);
    return CTL_CANNOT;
}

enum ctl_exit ctl_store_failed(const struct ctl *ctl, int r)
{
    ctl_complain("the store: %s (%s)", ctl->db ? db_error(ctl->db) : "not open", strerrorname_np(-r));
    return CTL_CANNOT;
}

enum ctl_exit ctl_change_failed(const struct ctl *ctl, int r, const char *unknown)
{
    switch (r) {
    case -ENOMEM:
        return ctl_no_memory();
    case -EAGAIN:
        ctl_complain("the store is busy or the disk is full: nothing was changed, try again");
        return CTL_CANNOT;
    case -EINPROGRESS:
        ctl_complain("the disk failed: nobody knows %s", unknown);
        return CTL_CANNOT;
    default:
        return ctl_store_failed(ctl, r);
    }
}

enum ctl_exit ctl_no_memory(void)
{
    ctl_complain("no memory");
    return CTL_CANNOT;
}

enum ctl_exit ctl_print_json(json_t *value)
{
    int r = value ? json_dumpf(value, stdout, JSON_STYLE) : -1;

    json_decref(value);
    if (r < 0)
        return ctl_no_memory();
    (void)putchar('\n');
    return ctl_output_done();
}

enum ctl_exit ctl_output_done(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        ctl_complain("standard output cannot be written");
        return CTL_CANNOT;
    }
    return CTL_OK;
}

struct query *ctl_query(const struct ctl *ctl, const char *sql, const char *parameter, const char *value)
{
    struct query *query;
    int r = db_prepare(ctl->db, sql, &query);

    if (r < 0) {
        (void)ctl_store_failed(ctl, r);
        return NULL;
    }
    if (parameter)
        db_bind_text(query, parameter, value);
    return query;
}

struct query *ctl_query_id(const struct ctl *ctl, const char *sql, const char *parameter, int64_t id)
{
    struct query *query = ctl_query(ctl, sql, NULL, NULL);

    if (query)
        db_bind_int(query, parameter, id);
    return query;
}

enum ctl_exit ctl_event_exists(const struct ctl *ctl, const char *slug)
{
    int64_t id;
    return ctl_event_find(ctl, slug, &id);
}

enum ctl_exit ctl_event_find(const struct ctl *ctl, const char *slug, int64_t *ret_id)
{
    struct query *query = ctl_query(ctl, "SELECT id FROM event WHERE slug = :slug", ":slug", slug);

    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    if (r > 0)
        *ret_id = db_int(query, 0);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("no event %s", slug);
        return CTL_WRONG;
    }
    return CTL_OK;
}
