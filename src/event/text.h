/* SPDX-License-Identifier: EUPL-1.2 */
/* A text of a definition in its languages. */
#pragma once

/* In the definition's languages, in their order. BODIES[i] is NULL where a language is missing. event_text_in
 * (event/definition.h) chooses. */
struct event_text {
    const char **bodies;
};
