/* SPDX-License-Identifier: EUPL-1.2 */
/* The organisations in whose name pages and mails speak: the list `hosts` of convened.conf, a list of groups, which the
 * flat table of settings cannot say. Without it there is one, made of the group mail.
 * Reading and printing: private to config. hosts_find and hosts_of: event, view, page, mail; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct settings;
struct settings_host;
struct source;

/* Reads `hosts`, if the file has it; faults are noted in SOURCE. */
int hosts_read(struct source *source, struct arena *arena, struct settings *settings)
    __attribute__((warn_unused_result));
/* Fills in what a host leaves to the group mail. After that one is derived. */
int hosts_derive(struct arena *arena, struct settings *settings) __attribute__((warn_unused_result));
/* What a host may say, key by key, for the printed file and manual. False past the end. */
struct hosts_key { const char *name, *type, *sample, *help; };
bool hosts_key(size_t n, struct hosts_key *ret_key);
const char *hosts_help(void);

/* The host ID; NULL: there is none. */
const struct settings_host *hosts_find(const struct settings *settings, const char *id);
/* The host that a definition names by ID; the first where it names none, or one that is gone. Never NULL. */
const struct settings_host *hosts_of(const struct settings *settings, const char *id);
