/* SPDX-License-Identifier: EUPL-1.2 */
/* Mustache templates: interpolation, sections, inverted sections, comments, partials, set delimiters, by the public
 * Mustache specification. HTML escaping by default; text templates (`x.txt.mustache`) escape nothing. Compiled once;
 * rendering touches nothing shared. `{{t.key}}` is a plain sentence of the catalogue, unless the model has a `t`. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct buffer;
struct catalogue;
struct templates;

/* All `*.mustache` below DIRECTORY, by names relative to it without the ending: `page/event.html`,
 * `mail/confirmed.txt`. A fault is logged with file and line; -EINVAL. A partial is looked for beside its user, then at
 * the top, with the user's kind of text; one that is nowhere is a warning and renders as nothing.
 *
 * OWN (may be NULL) is a folder of an installation's own mails. A file of it stands in for ours of that name, be it a
 * letter or a part of letters; a folder SLUG of it does so for one event, whose letters are `mail/SLUG/…`: that event's
 * own, else what `mail/` has. -ENOENT: there is no such folder. */
int templates_load(const char *directory, const char *own, struct templates **ret_templates)
    __attribute__((warn_unused_result));
void templates_free(struct templates *templates);

/* Warns of files of OWN (NULL: nothing) for an event or a language that KNOWS is false of; both may be NULL: for all
 * of them. */
typedef bool templates_known(void *user, const char *slug, const char *language);
void templates_check(const struct templates *templates, const char *own, templates_known *knows, void *user);

/* Appends the template NAME filled from MODEL to OUT. -ENOENT: no such template; -ELOOP: partials too deep (64);
 * -ENOMEM. CATALOGUE may be NULL. */
int templates_render(const struct templates *templates, const char *name, const json_t *model,
                     const struct catalogue *catalogue, struct buffer *out) __attribute__((warn_unused_result));

/* One file outside the folder (`convenectl render`): its partials beside it, then in TEMPLATES (may be NULL). */
int templates_render_file(const struct templates *templates, const char *path, const json_t *model,
                          const struct catalogue *catalogue, struct buffer *out) __attribute__((warn_unused_result));
