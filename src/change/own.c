/* SPDX-License-Identifier: EUPL-1.2 */
/* Notes that a guest has acted on his own page. */
#include "change/own.h"

#include <stdbool.h>
#include <string.h>

#include "store/db.h"
#include "store/facts.h"

static bool is_person(const char *actor)
{
    return strcmp(actor, "person") == 0;
}

void own_decide(struct registration_fact *registration, const char *actor)
{
    registration->own |= is_person(actor);
}

int own_apply(struct db *db, int64_t registration_id, const char *actor, int64_t at)
{
    if (!is_person(actor))
        return 0;
    struct query *query = db_query(db, "registration_own");
    db_bind_int(query, ":id", registration_id);
    db_bind_int(query, ":at", at);
    return db_run(query);
}
