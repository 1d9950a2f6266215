/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of a query as they are handed on. Called by report/export, report/person, ctl. The thread of the connection. */
#include "report/row.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/db.h"

json_t *row_cell(const struct query *query, int column)
{
    switch (db_column_type(query, column)) {
    case DB_INTEGER: return json_integer(db_int(query, column));
    case DB_REAL: return json_real(db_double(query, column));
    case DB_TEXT: return json_string(db_text(query, column));
    case DB_NULL: break;
    }
    return json_null();
}

json_t *row_object(const struct query *query)
{
    json_t *object = json_object();

    for (int i = 0; object && i < db_columns(query); i++) {
        if (json_object_set_new(object, db_column_name(query, i), row_cell(query, i)) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

void row_number(const struct query *query, int column, char ret_digits[static ROW_NUMBER_SIZE])
{
    if (db_column_type(query, column) == DB_INTEGER)
        (void)snprintf(ret_digits, ROW_NUMBER_SIZE, "%" PRId64, db_int(query, column));
    else
        (void)snprintf(ret_digits, ROW_NUMBER_SIZE, "%.15g", db_double(query, column));
}
