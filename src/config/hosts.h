/* SPDX-License-Identifier: EUPL-1.2 */
/* The organisations in whose name pages and mails speak: the list `hosts` of convened.conf, a list of groups, which the
 * flat table of settings cannot say. Without it there is one, made of the group mail.
 * Reading and printing: private to config. hosts_first and hosts_imprint: page, mail; any thread. */
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

const struct settings_host *hosts_first(const struct settings *settings); /* never NULL */
/* The imprint in LANGUAGE, else in English, else the first that there is; NULL: none. *ret_language: which it is; NULL:
 * the file does not say. */
const char *hosts_imprint(const struct settings_host *host, const char *language, const char **ret_language);
