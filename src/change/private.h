/* SPDX-License-Identifier: EUPL-1.2 */
/* What a registration keeps apart from its answers: special needs, and the consent to each. Used by the changes that
 * write answers, on the writer's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct db;
struct event_definition;

#define PRIVATE_KEPT_DAYS 30 /* behind the event's end */

struct private_answer {
    const char *field, *value;
    const char *retention; /* "special" */
};

/* When what is kept for an event that ends at ENDS must be gone. */
int64_t private_ends(int64_t ends);

/* These instead of those that are kept. */
int private_write(struct db *db, int64_t registration_id, const struct event_definition *definition, size_t count,
                  const struct private_answer *answers) __attribute__((warn_unused_result));

/* FIELD's; NULL: all of the registration. */
int private_erase(struct db *db, int64_t registration_id, const char *field) __attribute__((warn_unused_result));
