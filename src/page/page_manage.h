/* SPDX-License-Identifier: EUPL-1.2 */
/* The page of one's own registration. A worker's thread. */
#pragma once

#include "signup/state.h"

/* The colour of a state's chip: ok, ask or no. */
const char *page_manage_mark(enum state state);
