/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl verify: is what is stored whole and true to itself? Changes nothing. Reads one moment of the store. It
 * names rows by number and reference, never a person. One thread. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ctl/table.h"
#include "ctl/verify_checks.h"
#include "report/row.h"
#include "store/db.h"

#define SHOWN_MAX 100 /* faults of one check that are listed; the rest is counted */

struct verification {
    struct ctl *ctl;
    json_t *list; /* NULL: for people */
    unsigned checks;
    json_int_t faults;
};

/* What one check found: listed at once, or added to the list. */
static int tell(struct verification *verification, const char *name, json_t *faults, json_int_t count)
{
    json_t *fault;
    size_t i;

    verification->checks++;
    verification->faults += count;
    if (verification->list)
        return json_array_append_new(verification->list,
                                     json_pack("{s:s, s:I, s:O}", "check", name, "count", count, "faults", faults)) < 0
                   ? -ENOMEM : 0;
    json_array_foreach(faults, i, fault) {
        (void)printf("%s: ", name);
        table_print_text(json_string_value(fault), 0, stdout);
        (void)putchar('\n');
    }
    if (count > (json_int_t)json_array_size(faults))
        (void)printf("%s: and %" JSON_INTEGER_FORMAT " more\n", name, count - (json_int_t)json_array_size(faults));
    return 0;
}

static int run_check(struct verification *verification, const struct verify_check *check)
{
    struct query *query;
    json_int_t count = 0;
    json_t *faults = json_array();
    int r = faults ? db_prepare(verification->ctl->db, check->sql, &query) : -ENOMEM;

    if (r == 0) {
        while ((r = db_step(query)) > 0) {
            if (count++ < SHOWN_MAX && json_array_append_new(faults, row_cell(query, 0)) < 0) {
                r = -ENOMEM;
                break;
            }
        }
        db_finish(query);
    }
    if (r == 0)
        r = tell(verification, check->name, faults, count);
    json_decref(faults);
    return r;
}

static int check_integrity(struct verification *verification)
{
    char words[512];
    int r = db_integrity(verification->ctl->db, words, sizeof(words));

    if (r < 0)
        return r;
    const bool good = strcmp(words, "ok") == 0;
    json_t *faults = good ? json_array() : json_pack("[s]", words);
    if (!faults)
        return -ENOMEM;
    r = tell(verification, "integrity", faults, good ? 0 : 1);
    json_decref(faults);
    return r;
}

static int verify(struct verification *verification)
{
    size_t count;
    const struct verify_check *checks = verify_checks(&count);
    int r = db_begin_read(verification->ctl->db); /* one moment for all checks */

    if (r < 0)
        return r;
    r = check_integrity(verification);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = run_check(verification, &checks[i]);
    db_rollback(verification->ctl->db);
    return r;
}

static enum ctl_exit conclude(const struct verification *verification)
{
    if (verification->list) {
        json_t *whole = json_pack("{s:b, s:I, s:O}", "ok", verification->faults == 0, "faults", verification->faults,
        "checks",
                                  verification->list);
        if (!whole || json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0) {
            json_decref(whole);
            ctl_complain("no memory");
            return CTL_CANNOT;
        }
        json_decref(whole);
        (void)putchar('\n');
    } else {
        (void)printf("%u checks, %" JSON_INTEGER_FORMAT " faults\n", verification->checks, verification->faults);
    }
    if (ctl_output_done() != CTL_OK)
        return CTL_CANNOT;
    return verification->faults == 0 ? CTL_OK : CTL_WRONG;
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
    struct verification verification = { .ctl = ctl };
    bool json = false;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option != 'j')
            return ctl_misused(&ctl_verify);
        json = true;
    }
    if (optind != argc)
        return ctl_misused(&ctl_verify);
    if (json && !(verification.list = json_array())) {
        ctl_complain("no memory");
        return CTL_CANNOT;
    }
    int r = verify(&verification);
    enum ctl_exit exit = r == 0 ? conclude(&verification) : ctl_store_failed(ctl, r);
    json_decref(verification.list);
    return exit;
}

const struct ctl_command ctl_verify = {
    .name = "verify",
    .usage = "[--json]",
    .help = "Checks that the store is whole: counters against claims, mails owed against mails there.",
    .needs_store = true,
    .run = run,
};
