/* SPDX-License-Identifier: EUPL-1.2 */
/* Crash points: lives of the daemon that are killed at a step of the dice's choice – a write, a truncation or a sync of
 * the store, bytes to the mail server – by a plain kill or a power cut, up to five in a row on the same folder; then
 * one that may live. Afterwards:
 *   - the store is whole, its counters too;
 *   - whoever was promised a place has it, once, and his mail was accepted;
 *   - a mail that the store knew as sent was never sent again; a second copy is there only where an answer was lost
 *     (the server hung up, or the sender died before its result was written), and has the same Message-ID.
 *
 * crash [POINTS [SEED [JOBS]]]: 200, 1 and one a processor if not given. One SEED runs the same lives again; when their
 * threads meet is not in its power. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "disk.h"
#include "life.h"
#include "peer.h"
#include "store/db.h"

#define KILLS_MAX 5
#define NOBODY UINT_MAX /* the number of a life without people */
#define LIFE_SECONDS 300
#define FIRST_STEPS 400 /* a guess, until a life has been counted */

/* Written by the workers, read in the end. */
struct tally {
    atomic_long points, power_cuts, scenarios, promised, accepted, copies, steps, lives, failed;
};

struct person {
    char email[80];
    bool promised;
    bool sent;             /* the store said so at the start of a life … */
    unsigned sent_copies;  /* … when the server had accepted so many */
    unsigned doubts;       /* deaths between the server's yes and its being written */
    unsigned known;        /* copies that were accepted before the present life */
};

struct scenario {
    struct tally *tally;
    struct peer *peer;
    const struct stage *stage;
    uint64_t seed, dice;
    char folder[64];
    char grown[64]; /* a folder with a store in which nobody has signed up yet */
    unsigned count;
    struct person people[PEER_MAILS];
    long steps; /* about how many a whole life takes */
    bool wrong;
};

static void complain(struct scenario *s, const char *what, const char *detail)
{
    s->wrong = true;
    (void)fprintf(stderr, "seed %llu: %s%s%s (%s)\n", (unsigned long long)s->seed, what, detail ? ": " : "",
                  detail ? detail : "", s->folder);
}

static struct person *person_of(struct scenario *s, const char *email)
{
    for (unsigned i = 0; i < s->count; i++)
        if (strcmp(s->people[i].email, email) == 0)
            return &s->people[i];
    if (s->count == PEER_MAILS) {
        complain(s, "too many people", NULL);
        return &s->people[0];
    }
    struct person *person = &s->people[s->count++];
    *person = (struct person){ 0 };
    (void)snprintf(person->email, sizeof(person->email), "%s", email);
    return person;
}

static void told(void *user, const char *line)
{
    struct scenario *s = user;
    if (strncmp(line, "promised ", 9) == 0) {
        person_of(s, line + 9)->promised = true;
        s->tally->promised++;
    } else if (strncmp(line, "sent ", 5) == 0) {
        struct person *person = person_of(s, line + 5);
        if (!person->sent)
            person->sent_copies = person->known;
        person->sent = true;
    } else
        complain(s, "told", line);
}

/* ---- lives ---- */

struct death { long at; bool power; };

static void child(struct scenario *s, unsigned number, const struct death *death, atomic_long *steps, int tell)
{
    const struct life_options options = { .stage = s->stage, .folder = s->folder, .smtp_port = peer_port(s->peer),
                                          .number = number, .tell = tell,
                                          .people = number == NOBODY ? 0 : 3 + dice_roll(&s->dice, 5) };
    (void)close(peer_fd(s->peer));
    (void)alarm(LIFE_SECONDS - 10);
    disk_arm(death->at, death->power, s->dice, steps);
    int code = life_run(&options);
    _exit(code);
}

/* The wait status of a life. */
static int live(struct scenario *s, unsigned number, const struct death *death, atomic_long *steps)
{
    int ends[2], status = -1;
    for (unsigned i = 0; i < peer_count(s->peer); i++)
        person_of(s, peer_at(s->peer, i)->recipient)->known = peer_at(s->peer, i)->accepted;
    if (pipe(ends) < 0)
        return -1;
    atomic_store(steps, 0);
    (void)dice_next(&s->dice);
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        child(s, number, death, steps, ends[1]);
    }
    (void)close(ends[1]);
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0 || !peer_serve(s->peer, pidfd, ends[0], told, s, LIFE_SECONDS)) {
        complain(s, "a life that does not end", NULL);
        (void)kill(pid, SIGKILL);
    }
    (void)waitpid(pid, &status, 0);
    (void)close(pidfd);
    (void)close(ends[0]);
    s->tally->lives++;
    s->tally->steps += atomic_load(steps);
    return status;
}

/* Who was accepted in the life that has just ended, and not written, may come once more. The store's word comes with
 * the next life's start; so all are in doubt until then. */
static void doubt(struct scenario *s)
{
    for (unsigned i = 0; i < peer_count(s->peer); i++) {
        const struct peer_mail *mail = peer_at(s->peer, i);
        struct person *person = person_of(s, mail->recipient);
        if (mail->accepted > person->known && !person->sent)
            person->doubts++;
    }
}

/* ---- afterwards ---- */

static int64_t number_of(struct db *db, const char *sql)
{
    struct query *query;
    int64_t number = -1;
    if (db_prepare(db, sql, &query) < 0)
        return -1;
    if (db_step(query) > 0)
        number = db_int(query, 0);
    db_finish(query);
    return number;
}

static void check_rules(struct scenario *s, struct db *db)
{
    static const struct { const char *what, *sql; } rules[] = {
        { "a mail that is not sent", "SELECT count(*) FROM mail WHERE state <> 'sent'" },
        { "a registration without its one mail",
          "SELECT count(*) FROM registration AS r WHERE (SELECT count(*) FROM mail WHERE subject_kind = 'registration' "
          "AND subject_id = r.id AND kind = 'confirmed') <> 1" },
        { "a mail without its registration",
          "SELECT count(*) FROM mail WHERE subject_id NOT IN (SELECT id FROM registration)" },
        { "a registration without its place",
          "SELECT count(*) FROM registration AS r WHERE status <> 'confirmed' OR (SELECT count(*) FROM claim WHERE "
          "registration_id = r.id AND state = 'taken') <> 1" },
        { "a person twice", "SELECT count(*) - count(DISTINCT email) FROM registration" },
        { "a counter that is wrong",
          "SELECT count(*) FROM place AS p WHERE taken <> (SELECT count(*) FROM claim WHERE place_id = p.id)" },
        { "a foreign key that leads nowhere", "SELECT count(*) FROM pragma_foreign_key_check" },
    };
    char text[256];
    if (db_integrity(db, text, sizeof(text)) < 0 || strcmp(text, "ok") != 0)
        complain(s, "the store is damaged", text);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (number_of(db, rules[i].sql) != 0)
            complain(s, rules[i].what, NULL);
}

static void check_stored(struct scenario *s, struct db *db)
{
    struct query *query;
    unsigned stored = 0;
    if (db_prepare(db, "SELECT recipient, message_id FROM mail", &query) < 0) {
        complain(s, "no mails can be read", NULL);
        return;
    }
    while (db_step(query) > 0) {
        struct person *person = person_of(s, db_text(query, 0));
        const struct peer_mail *mail = peer_find(s->peer, person->email);
        person->promised = false; /* kept */
        stored++;
        if (!mail || mail->accepted == 0)
            complain(s, "a lost mail", person->email);
        else if (mail->two_ids || strcmp(mail->message_id, db_text(query, 1)) != 0)
            complain(s, "another Message-ID", person->email);
    }
    db_finish(query);
    for (unsigned i = 0; i < s->count; i++)
        if (s->people[i].promised)
            complain(s, "a promise that was not kept", s->people[i].email);
    if (stored < peer_count(s->peer))
        complain(s, "a mail to somebody who is not there", NULL);
}

static void check_copies(struct scenario *s)
{
    for (unsigned i = 0; i < peer_count(s->peer); i++) {
        const struct peer_mail *mail = peer_at(s->peer, i);
        const struct person *person = person_of(s, mail->recipient);
        s->tally->accepted++;
        s->tally->copies += mail->accepted > 0 ? mail->accepted - 1 : 0;
        if (mail->accepted > 1 + mail->lost + person->doubts)
            complain(s, "a doubled mail", mail->recipient);
        if (person->sent && (person->sent_copies == 0 || mail->accepted != person->sent_copies))
            complain(s, "not as the store had said", mail->recipient);
    }
}

static void check(struct scenario *s)
{
    char path[128];
    struct db *db;
    (void)snprintf(path, sizeof(path), "%s/convened.db", s->folder);
    int r = db_open(path, DB_READ, &db, NULL);
    if (r < 0) {
        complain(s, "the store does not open", strerror(-r));
        return;
    }
    check_rules(s, db);
    check_stored(s, db);
    check_copies(s);
    db_close(db);
}

/* ---- scenarios ---- */

static bool copy(const char *from, const char *to, const char *name)
{
    char path[128], data[65536];
    size_t size;
    (void)snprintf(path, sizeof(path), "%s/%s", from, name);
    FILE *in = fopen(path, "re");
    if (!in)
        return errno == ENOENT;
    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    FILE *out = fopen(path, "we");
    while (out && (size = fread(data, 1, sizeof(data), in)) > 0)
        if (fwrite(data, 1, size, out) != size)
            break;
    bool good = out && feof(in);
    (void)fclose(in);
    return out && fclose(out) == 0 && good;
}

static bool begin(struct scenario *s)
{
    char path[128];
    (void)snprintf(s->folder, sizeof(s->folder), "%s/convened-crash-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                                                                          : "/tmp");
    if (!mkdtemp(s->folder))
        return false;
    (void)snprintf(path, sizeof(path), "%s/clock", s->folder);
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    (void)fputs("+0\n", file);
    s->count = 0;
    s->wrong = false;
    if (fclose(file) != 0)
        return false;
    /* now and then the first death is in the first start of all */
    return !*s->grown || dice_roll(&s->dice, 8) == 0 ||
           (copy(s->grown, s->folder, "convened.db") && copy(s->grown, s->folder, "convened.db-wal"));
}

static bool grow(struct scenario *s, atomic_long *steps)
{
    const struct death none = { .at = 0 };
    if (!begin(s) || live(s, NOBODY, &none, steps) != 0)
        return false;
    (void)strcpy(s->grown, s->folder);
    return true;
}

static void end(struct scenario *s)
{
    char command[128];
    if (s->wrong) {
        s->tally->failed++;
        return; /* the folder stays */
    }
    (void)snprintf(command, sizeof(command), "rm -rf %s", s->folder);
    if (system(command) != 0)
        complain(s, "the folder stays", NULL);
}

/* Deaths in a row, then a life to the end. How many died. */
static unsigned play(struct scenario *s, atomic_long *steps)
{
    unsigned kills = 1 + dice_roll(&s->dice, KILLS_MAX), died = 0;
    int status;

    peer_begin(s->peer, dice_next(&s->dice));
    for (unsigned number = 0; number <= kills && !s->wrong; number++) {
        bool spared = number == kills;
        const struct death death = { .at = spared ? 0 : 1 + (long)dice_roll(&s->dice, (unsigned)s->steps),
                                     .power = dice_roll(&s->dice, 2) };
        status = live(s, number, &death, steps);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !spared) {
            died++;
            s->tally->power_cuts += death.power;
            doubt(s);
        } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            complain(s, "a life ended badly", NULL);
            (void)fprintf(stderr, "  wait status %#x\n", (unsigned)status);
        } else if (spared)
            s->steps = (s->steps * 3 + atomic_load(steps)) / 4;
    }
    return died;
}

static void work(struct tally *tally, const struct stage *stage, uint64_t seed, unsigned job, unsigned jobs,
                 long points)
{
    struct scenario *s = calloc(1, sizeof(*s));
    atomic_long *steps = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!s || steps == MAP_FAILED || peer_new(&s->peer) < 0)
        _exit(1);
    s->tally = tally;
    s->stage = stage;
    s->steps = FIRST_STEPS;
    s->dice = seed + 1;
    if (!grow(s, steps))
        _exit(1);
    for (uint64_t n = job; atomic_load(&tally->points) < points && atomic_load(&tally->failed) < 5; n += jobs) {
        s->seed = seed * 1000000 + n;
        s->dice = (s->seed + 1) * 0x9e3779b97f4a7c15u;
        if (!begin(s))
            _exit(1);
        tally->points += play(s, steps);
        if (!s->wrong)
            check(s);
        tally->scenarios++;
        end(s);
    }
    (void)strcpy(s->folder, s->grown);
    s->wrong = false;
    end(s);
    peer_free(s->peer);
    free(s);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *source = getenv("srcdir");
    long points = argc > 1 ? atol(argv[1]) : 200;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    long jobs = argc > 3 ? atol(argv[3]) : sysconf(_SC_NPROCESSORS_ONLN);
    struct stage *stage;
    struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    log_setup(LOG_LEVEL_ERROR);
    if (tally == MAP_FAILED || jobs < 1 || disk_setup() < 0 || stage_new(source ? source : ".", &stage) < 0) {
        (void)fputs("crash: cannot begin\n", stderr);
        return 1;
    }
    bool broken = false;
    for (long job = 0; job < jobs; job++)
        if (fork() == 0)
            work(tally, stage, seed, (unsigned)job, (unsigned)jobs, points);
    for (int status; wait(&status) > 0;)
        broken = broken || status != 0;
    (void)printf("%ld points (%ld power cuts) in %ld scenarios, %ld lives, %ld steps: %ld sign-ups promised, "
                 "%ld mails, %ld copies more, %ld scenarios wrong\n",
                 tally->points, tally->power_cuts, tally->scenarios, tally->lives, tally->steps, tally->promised,
                 tally->accepted, tally->copies, tally->failed);
    stage_free(stage);
    return broken || tally->failed > 0 || tally->points < points;
}
