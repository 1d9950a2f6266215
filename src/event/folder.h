/* SPDX-License-Identifier: EUPL-1.2 */
/* events.d: its files, read, parsed and checked together. Called by main (start, reload, -t) and ctl. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct event_definition;
struct faults;
struct settings;

struct event_file {
    char *path; /* as named in faults */
    char *name; /* of the file in its folder */
    char *text; /* NULL: unreadable */
    size_t size;
    const struct event_definition *definition; /* NULL: it has faults (or its slug stands in another file too) */
};

struct event_folder {
    bool readable;  /* the folder could be listed */
    bool all_parse; /* every file parses and has no fault: only then an event may count as withdrawn */
    size_t count;
    struct event_file *files; /* sorted by name */
};

/* Reads all `[A-Za-z0-9_-]+.conf` of DIRECTORY; other names are left alone (a warning for what ends in .conf). Two
 * files with one slug: neither counts, both are named. 0 even with faults, which are in FAULTS; -ENOMEM. An unreadable
 * or empty folder is a fault. */
int event_folder_read(const char *directory, struct faults *faults, struct event_folder *ret_folder)
    __attribute__((warn_unused_result));
/* The same for the COUNT files of PATHS, wherever they lie and whatever they are called. */
int event_folder_take(const char *const *paths, size_t count, struct faults *faults, struct event_folder *ret_folder)
    __attribute__((warn_unused_result));
/* Holds the definitions against SETTINGS: one whose host they do not have is a fault and does not count; one whose form
 * can become larger than what is taken in has a warning. SETTINGS NULL: they have faults themselves, and nothing is
 * looked at. */
void event_folder_check(struct event_folder *folder, const struct settings *settings, struct faults *faults);
void event_folder_done(struct event_folder *folder);
