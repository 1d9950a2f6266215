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
#include "report/row.h"
#include "store/db.h"

#define SHOWN_MAX 100 /* faults of one check that are listed; the rest is counted */

#define LIVE "('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted')"
#define MODE_PLACE                                                                                                     \
    "FROM registration AS r "                                                                                          \
    "LEFT JOIN place AS p ON p.event_id = r.event_id AND p.kind = 'mode' AND p.key = r.mode "
#define PLACE "e.slug || ' ' || p.kind || ' ' || p.key || ': "
#define REGISTRATION "r.reference || ' (registration ' || r.id || '): "
#define NO_CLAIM "NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id AND c.place_id = p.id "
#define NO_MAIL "NOT EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "

/* The mail that says how a registration stands. */
#define MAIL_KIND                                                                                                      \
    "CASE r.status WHEN 'pending_email' THEN 'confirm' WHEN 'offered' THEN 'offer' "                                   \
    "WHEN 'expired' THEN 'offer_lapsed' ELSE r.status END "
/* An address that nobody confirmed is told nothing when it ends: whoever typed it may not have been its owner. */
#define NEVER_CONFIRMED                                                                                                \
    "(r.status IN ('expired', 'cancelled') AND EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' " \
    "AND m.subject_id = r.id AND m.kind = 'confirm') AND NOT EXISTS (SELECT 1 FROM mail AS m "                         \
    "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "                                                   \
    "AND m.kind IN ('confirmed', 'waitlisted', 'awaiting_approval'))) "

/* Each statement finds what is wrong: one sentence a row. */
static const struct check { const char *name, *sql; } checks[] = {
    { "foreign keys",
      "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ': no such ' || parent FROM pragma_foreign_key_check" },
    { "places taken",
      "SELECT " PLACE "taken is ' || p.taken || ', its claims are ' || count(c.place_id) "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id LEFT JOIN claim AS c ON c.place_id = p.id "
      "GROUP BY p.id HAVING p.taken <> count(c.place_id) ORDER BY p.id" },
    { "places waiting",
      "SELECT " PLACE "waiting is ' || p.waiting || ', on its list are ' || count(r.id) "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id LEFT JOIN ask AS a ON a.place_id = p.id AND a.lacks = 1 "
      "LEFT JOIN registration AS r ON r.id = a.registration_id AND r.status = 'waitlisted' "
      "GROUP BY p.id HAVING p.waiting <> count(r.id) ORDER BY p.id" },
    { "places never oversold",
      "SELECT " PLACE "taken is ' || p.taken || ' of ' || p.capacity "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id WHERE p.capacity IS NOT NULL AND p.retired_at IS NULL AND "
      "p.taken > p.capacity ORDER BY p.id" },
    { "claims of who takes part",
      "SELECT " REGISTRATION "confirmed without a claim on its mode' " MODE_PLACE
      "WHERE r.status = 'confirmed' AND " NO_CLAIM "AND c.state = 'taken') ORDER BY r.id" },
    /* Who is to confirm the address or waits for approval may have no place; if one is kept it is held, not taken. */
    { "claims held",
      "SELECT " REGISTRATION "' || CASE r.status WHEN 'offered' THEN 'offered without a held claim on its mode' "
      "ELSE r.status || ' with a claim that is taken' END " MODE_PLACE
      "WHERE (r.status = 'offered' AND " NO_CLAIM "AND c.state = 'held')) OR "
      "(r.status IN ('pending_email', 'awaiting_approval') AND EXISTS (SELECT 1 FROM claim AS c "
      "WHERE c.registration_id = r.id AND c.state = 'taken')) ORDER BY r.id" },
    { "claims taken",
      "SELECT " REGISTRATION "confirmed with a claim that is only held, on place ' || c.place_id FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id WHERE r.status = 'confirmed' AND c.state = 'held' "
      "ORDER BY r.id" },
    { "claims of nobody else",
      "SELECT " REGISTRATION "' || r.status || ' with a claim on place ' || c.place_id "
      "FROM claim AS c JOIN registration AS r ON r.id = c.registration_id "
      "WHERE r.status NOT IN ('pending_email', 'awaiting_approval', 'confirmed', 'offered') ORDER BY r.id" },
    { "claims within their event",
      "SELECT " REGISTRATION "has a claim on place ' || p.id || ' of another event' FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id JOIN place AS p ON p.id = c.place_id "
      "WHERE p.event_id <> r.event_id ORDER BY r.id" },
    /* What is kept for somebody's answer must end by itself, and the timer must find nothing that it cannot end. */
    { "deadlines",
      "SELECT " REGISTRATION "' || r.status || CASE WHEN r.expires_at IS NULL THEN ' without a deadline' "
      "ELSE ' with a deadline' END FROM registration AS r WHERE (r.status IN ('pending_email', 'offered') "
      "AND r.expires_at IS NULL) OR (r.status NOT IN ('pending_email', 'offered', 'expired') "
      "AND r.expires_at IS NOT NULL) ORDER BY r.id" },
    { "offers",
      "SELECT " REGISTRATION "' || CASE WHEN o.id IS NULL THEN 'offered without an open offer' "
      "WHEN r.status <> 'offered' THEN r.status || ' with the open offer ' || o.id "
      "ELSE 'the offer ' || o.id || ' has another deadline' END FROM registration AS r "
      "LEFT JOIN offer AS o ON o.registration_id = r.id AND o.ended_at IS NULL "
      "WHERE (r.status = 'offered') <> (o.id IS NOT NULL) OR o.accept_by <> r.expires_at ORDER BY r.id" },
    { "offers ended",
      "SELECT " REGISTRATION "the offer ' || o.id || ' has ended without an outcome, or the other way round' "
      "FROM offer AS o JOIN registration AS r ON r.id = o.registration_id "
      "WHERE (o.ended_at IS NULL) <> (o.outcome IS NULL) ORDER BY o.id" },
    { "nothing of the erased",
      "SELECT " REGISTRATION "erased, but something of the person is there' FROM registration AS r "
      "WHERE r.status = 'erased' AND (r.name IS NOT NULL OR r.email IS NOT NULL OR r.dedupe IS NOT NULL "
      "OR r.answers <> '{}' OR r.search <> '' OR EXISTS (SELECT 1 FROM private_answer AS x "
      "WHERE x.registration_id = r.id) OR EXISTS (SELECT 1 FROM mail AS m "
      "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id AND m.recipient <> '')) ORDER BY r.id" },
    { "addresses once",
      "SELECT e.slug || ': ' || count(*) || ' live registrations hold one key, the first is ' || min(r.id) "
      "FROM registration AS r JOIN event AS e ON e.id = r.event_id WHERE r.dedupe IS NOT NULL AND r.status IN " LIVE " "
      "GROUP BY r.event_id, r.dedupe HAVING count(*) > 1 ORDER BY min(r.id)" },
    { "references",
      "SELECT " REGISTRATION "no submission with this reference' FROM registration AS r "
      "LEFT JOIN submission AS s ON s.registration_id = r.id AND s.reference = r.reference "
      "WHERE s.id IS NULL AND r.party_id = r.id ORDER BY r.id" },
    { "mails owed",
      "SELECT " REGISTRATION "' || r.status || ' without the mail that says so' FROM registration AS r "
      "WHERE r.status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'rejected', "
      "'declined', 'expired', 'cancelled') AND " NO_MAIL "AND m.kind = " MAIL_KIND
      "AND (r.status <> 'offered' OR m.instance = (SELECT max(o.id) FROM offer AS o WHERE o.registration_id = r.id)) "
      "AND (r.status NOT IN " LIVE " OR m.state NOT IN ('superseded', 'cancelled'))) "
      "AND NOT " NEVER_CONFIRMED "ORDER BY r.id" },
    { "mails sent",
      "SELECT 'mail ' || id || ': ' || CASE state WHEN 'sent' THEN 'sent, but not when' "
      "ELSE state || ', but sent at some time' END FROM mail WHERE (state = 'sent') <> (sent_at IS NOT NULL) ORDER BY "
      "id" },
    { "mails of somebody",
      "SELECT 'mail ' || m.id || ': no registration ' || m.subject_id FROM mail AS m "
      "LEFT JOIN registration AS r ON r.id = m.subject_id WHERE m.subject_kind = 'registration' AND r.id IS NULL ORDER "
      "BY m.id" },
    { "consents",
      "SELECT " REGISTRATION "the consent ' || c.purpose || ' is neither given nor refused' FROM consent AS c "
      "JOIN registration AS r ON r.id = c.registration_id WHERE c.given_at IS NULL AND c.refused_at IS NULL ORDER BY "
      "r.id" },
};

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

static int run_check(struct verification *verification, const struct check *check)
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
    int r = db_begin_read(verification->ctl->db); /* one moment for all checks */

    if (r < 0)
        return r;
    r = check_integrity(verification);
    for (size_t i = 0; r == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
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
