/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads a row of `place`. Called by facts_load.c and writer.c, on their threads. */
#include "store/board_row.h"

#include "store/db.h"

struct place board_row_read(const struct query *query, int64_t *ret_parent)
{
    *ret_parent = db_int(query, 11);
    return (struct place){ .id = db_int(query, 0),
                           .event_id = db_int(query, 1),
                           .limited = !db_is_null(query, 2),
                           .capacity = db_int(query, 2),
                           .taken = db_int(query, 3),
                           .reserved_open = db_int(query, 4),
                           .waiting = db_int(query, 5),
                           .retired = !db_is_null(query, 6),
                           .approval = db_int(query, 7) != 0,
                           .approval_holds = db_int(query, 8) != 0,
                           .closed = db_int(query, 9) != 0,
                           .kind = place_kind_by_name(db_text(query, 10)),
                           .released = !db_is_null(query, 12),
                           .allocated = !db_is_null(query, 13),
                           .event_starts = db_int(query, 14) };
}
