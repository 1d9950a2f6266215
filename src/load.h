/* SPDX-License-Identifier: EUPL-1.2 */
/* From files to an edition: what start and reload have in common. Called by main.c on its thread. */
#pragma once

#include "change/take_revision.h"
#include "event/folder.h"

struct daemon;
struct edition;
struct faults;
struct settings;

/* One attempt to take everything over. take.job goes through the store in between. */
struct load {
    struct take_revision take; /* first: the job comes back as this */
    struct settings *settings; /* handed to the edition */
    struct faults *faults;
    struct event_folder folder;
    struct daemon *daemon; /* main's, for the job's way back; load does not touch it */
};

/* Reads the settings (SETTINGS if given, else FILE) and the folder of events, and fills take. What is wrong is logged.
 * -EINVAL: the settings have faults. The job is ready to be run or submitted. */
int load_new(const char *file, struct settings *settings, struct load **ret_load) __attribute__((warn_unused_result));

/* After the job has come back with outcome 0: the edition, with templates, languages and static files read anew. */
int load_edition(struct load *load, struct edition **ret_edition) __attribute__((warn_unused_result));

void load_free(struct load *load); /* NULL is allowed */

/* convened -t: all that is wrong with the settings in FILE and with the definitions, on standard error. The exit
 * code. */
int load_check(const char *file);
