/* SPDX-License-Identifier: EUPL-1.2 */
/* What belongs to the contract of definitions but is not served by this version. Its shape and types are checked all
 * the same. Private to event. */
#pragma once

#include "event/parse.h"

/* The definition uses NAME, which is warned of at SETTING if the table has it. */
void unserved_use(struct parse *parse, const config_setting_t *setting, const char *name);
