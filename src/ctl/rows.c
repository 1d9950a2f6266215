/* SPDX-License-Identifier: EUPL-1.2 */
/* The rows of a query for people and for programs. Called by ctl's commands, on the one thread. */
#include "ctl/rows.h"

#include <errno.h>

#include "ctl/table.h"
#include "report/row.h"
#include "store/db.h"

int rows_list(struct query *query, json_t **ret_list)
{
    json_t *list = json_array();
    int r = list ? 0 : -ENOMEM;

    while (r == 0 && (r = db_step(query)) > 0)
        r = json_array_append_new(list, row_object(query)) < 0 ? -ENOMEM : 0;
    if (r < 0) {
        json_decref(list);
        return r;
    }
    *ret_list = list;
    return 0;
}

enum ctl_exit rows_print_json(const struct ctl *ctl, struct query *query)
{
    json_t *rows;

    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, &rows);
    db_finish(query);
    if (r == -ENOMEM)
        return ctl_no_memory();
    return r < 0 ? ctl_store_failed(ctl, r) : ctl_print_json(rows);
}

static int fill(struct query *query, struct table *table)
{
    char digits[ROW_NUMBER_SIZE];
    int r;

    while ((r = db_step(query)) > 0) {
        for (int i = 0; i < db_columns(query); i++) {
            enum db_type type = db_column_type(query, i);
            if (type == DB_INTEGER || type == DB_REAL)
                row_number(query, i, digits);
            table_add(table, type == DB_TEXT ? db_text(query, i) : type == DB_NULL ? NULL : digits);
        }
    }
    return r;
}

enum ctl_exit rows_print_table(const struct ctl *ctl, struct query *query, const char *const *headings, size_t columns)
{
    if (!query)
        return CTL_CANNOT;
    struct table *table = table_new(headings, columns);
    if (!table) {
        db_finish(query);
        return ctl_no_memory();
    }
    int r = fill(query, table);
    db_finish(query);
    enum ctl_exit exit = CTL_OK;
    if (r < 0)
        exit = ctl_store_failed(ctl, r);
    else if (table_print(table, stdout) < 0)
        exit = ctl_no_memory();
    else
        exit = ctl_output_done();
    table_free(table);
    return exit;
}
