/* SPDX-License-Identifier: EUPL-1.2 */
/* Who came along in a group has acted on the page of the own link: whoever reads that mailbox is the guest, and from
 * then on who booked neither sees nor corrects the address. Opening a page is no act, for mail scanners follow every
 * link. Called by the changes that a guest makes himself; who acts on a whole group or ends his own part needs none.
 * The writer's thread, or convenectl's only one. */
#pragma once

#include <stdint.h>

struct db;
struct registration_fact;

/* In memory, for the later jobs of the batch. ACTOR: as the audit trail has it; only the person's own act counts. */
void own_decide(struct registration_fact *registration, const char *actor);
int own_apply(struct db *db, int64_t registration_id, const char *actor, int64_t at)
    __attribute__((warn_unused_result));
