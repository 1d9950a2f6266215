/* SPDX-License-Identifier: EUPL-1.2 */
/* The privacy notice of an event, generated from its definition and the settings so that it is true: in short above the
 * form's button, in full on its own page (Regulation (EU) 2016/679, article 13). A worker's thread. */
#pragma once

#include <jansson.h>

struct event_definition;
struct page;

/* {lines, href}: who, what for, who else, how long, and where the full notice stands. */
json_t *page_notice_short(struct page *page, const struct event_definition *definition);

/* What must be known before one registers: puts `has_notices` and `notices` {name, text} into MODEL. NULL: none. */
void page_notice_put_known(struct page *page, json_t *model, const struct event_definition *definition);

/* Puts all that the template `privacy` shows of DEFINITION into the page's model. */
void page_notice_full(struct page *page, const struct event_definition *definition);
