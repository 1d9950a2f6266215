/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event preview: signs the link to a draft, or revokes all there are. One thread. */
#include "ctl/event_preview.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/token.h"
#include "change/revoke_preview.h"
#include "config/settings.h"
#include "store/db.h"
#include "store/store.h"

/* The id of the draft SLUG. */
static enum ctl_exit find_draft(const struct ctl *ctl, const char *slug, int64_t *ret_id)
{
    struct query *query = ctl_query(ctl, "SELECT id, state = 'draft' FROM event WHERE slug = :slug", ":slug", slug);
    enum ctl_exit exit = CTL_OK;

    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    if (r < 0) {
        exit = ctl_store_failed(ctl, r);
    } else if (r == 0) {
        ctl_complain("no event %s", slug);
        exit = CTL_WRONG;
    } else if (db_int(query, 1) == 0) {
        ctl_complain("%s is no draft: everybody who knows the address sees %s/e/%s", slug,
                     ctl->settings->http.base_url, slug);
        exit = CTL_WRONG;
    } else {
        *ret_id = db_int(query, 0);
    }
    db_finish(query);
    return exit;
}

static enum ctl_exit revoke(const struct ctl *ctl, int64_t event_id)
{
    struct arena *arena = arena_new();
    struct revoke_preview *change = arena ? arena_take(arena, sizeof(*change)) : NULL;

    if (!change) {
        arena_free(arena);
        ctl_complain("no memory");
        return CTL_CANNOT;
    }
    *change = (struct revoke_preview){ .job = { .kind = &change_revoke_preview, .arena = arena },
                                       .event_id = event_id, .actor = "convenectl" };
    int r = store_run(ctl->store, &change->job);
    if (r == 0)
        r = change->job.outcome;
    arena_free(arena);
    return r < 0 ? ctl_store_failed(ctl, r) : CTL_OK;
}

static enum ctl_exit print_link(const struct ctl *ctl, const char *slug, int64_t event_id)
{
    struct keyring *keyring;
    char token[TOKEN_SIZE];
    struct query *query = db_query(ctl->db, "preview_version");

    db_bind_int(query, ":event", event_id);
    int r = db_step(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    int64_t version = r > 0 ? db_int(query, 0) : 0;
    if (r > 0)
        db_reset(query);
    r = keyring_load(ctl->settings->store.key_file, &keyring);
    if (r < 0) {
        ctl_complain("%s cannot be used as the key file (%s)", ctl->settings->store.key_file, strerrorname_np(-r));
        return CTL_CANNOT;
    }
    token_make(keyring, TOKEN_PREVIEW, event_id, version, token);
    keyring_free(keyring);
    (void)printf("%s/e/%s?preview=%s\n", ctl->settings->http.base_url, slug, token);
    return ctl_output_done();
}

enum ctl_exit ctl_event_preview(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
    static const struct option options[] = { { "revoke", no_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
    bool revoked = false;
    int64_t id = 0;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option != 'r')
            return ctl_misused(command);
        revoked = true;
    }
    if (argc - optind != 1)
        return ctl_misused(command);
    enum ctl_exit exit = find_draft(ctl, argv[optind], &id);
    if (exit == CTL_OK && revoked)
        exit = revoke(ctl, id);
    return exit == CTL_OK ? print_link(ctl, argv[optind], id) : exit;
}
