/* SPDX-License-Identifier: EUPL-1.2 */
/* The token buckets. A mail costs 60 and a bucket fills by its rate a second, so that whole numbers do. Callers: queue
 * and its gate. One thread at a time. */
#include "mail/pace.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COST 60      /* of one mail; a bucket gets its rate each second */
#define BURST 10     /* seconds whose tokens a bucket holds */
#define FINE 1000000 /* turns are kept in microseconds, or a high rate would lose by rounding */

struct bucket {
    int64_t level; /* of a mail's COST */
    int64_t at;    /* when it was that high */
};

/* How mails to a domain wait. */
struct domain {
    uint64_t hash; /* of its name; 0: unused. Two of one hash share a pace */
    int64_t used;  /* when it was asked for, as a count */
    struct bucket bucket;
    int64_t urgent_until, others_until; /* the last turn that was given in each line, times FINE */
};

struct pace {
    int64_t per_minute, per_domain, asked;
    struct bucket all;
    struct domain domains[PACE_SETS][PACE_WAYS];
};

int pace_new(struct pace **ret_pace)
{
    struct pace *pace = calloc(1, sizeof(*pace));
    if (!pace)
        return -ENOMEM;
    *ret_pace = pace;
    return 0;
}

void pace_free(struct pace *pace)
{
    free(pace);
}

static int64_t size_of(int64_t rate)
{
    return rate * BURST > COST ? rate * BURST : COST;
}

static void fill(struct bucket *bucket, int64_t rate, int64_t now)
{
    int64_t size = size_of(rate), passed = now - bucket->at;
    if (passed < 0) /* the clock was set back */
        passed = 0;
    if (bucket->at == 0 || passed > COST || bucket->level + passed * rate > size)
        bucket->level = size;
    else
        bucket->level += passed * rate;
    bucket->at = now;
}

/* Seconds until the bucket, filled just now, holds a mail. */
static int64_t wait_for(const struct bucket *bucket, int64_t rate)
{
    int64_t lack = COST - bucket->level;
    return lack <= 0 ? 0 : (lack + rate - 1) / rate;
}

void pace_set(struct pace *pace, int64_t per_minute, int64_t per_domain)
{
    pace->per_minute = per_minute;
    pace->per_domain = per_domain;
}

int64_t pace_room(struct pace *pace, int64_t now)
{
    if (pace->per_minute == 0)
        return INT64_MAX;
    fill(&pace->all, pace->per_minute, now);
    return pace->all.level / COST;
}

int64_t pace_wait(struct pace *pace, int64_t now)
{
    if (pace->per_minute == 0)
        return 0;
    fill(&pace->all, pace->per_minute, now);
    return wait_for(&pace->all, pace->per_minute);
}

/* FNV-1a over the part behind the last @, without regard to case. */
static uint64_t hash_of(const char *recipient)
{
    const char *at = strrchr(recipient, '@');
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *c = at ? at + 1 : recipient; *c; c++) {
        unsigned char byte = (unsigned char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        hash = (hash ^ byte) * UINT64_C(0x100000001b3);
    }
    return hash == 0 ? 1 : hash;
}

static struct domain *domain_of(struct pace *pace, const char *recipient, int64_t now)
{
    uint64_t hash = hash_of(recipient);
    struct domain *set = pace->domains[hash % PACE_SETS], *oldest = set;
    pace->asked++;
    for (size_t i = 0; i < PACE_WAYS; i++) {
        struct domain *domain = &set[i];
        if (domain->hash == hash) {
            domain->used = pace->asked;
            return domain;
        }
        if (domain->used < oldest->used)
            oldest = domain;
    }
    *oldest = (struct domain){ .hash = hash, .used = pace->asked };
    oldest->bucket = (struct bucket){ .level = size_of(pace->per_domain), .at = now };
    return oldest;
}

/* The next turn in a line whose last one is at *UNTIL, not before FIRST. Several share a second at high rates. */
static int64_t next_turn(int64_t *until, int64_t first, int64_t rate)
{
    int64_t turn = *until / FINE >= first ? *until + 60 * FINE / rate : first * FINE;
    *until = turn;
    return (turn + FINE - 1) / FINE;
}

enum pace_verdict pace_take(struct pace *pace, const char *recipient, bool urgent, int64_t now, int64_t *ret_at)
{
    struct domain *domain = NULL;

    if (pace_room(pace, now) == 0)
        return PACE_SHUT;
    if (pace->per_domain > 0) {
        domain = domain_of(pace, recipient, now);
        if (now < domain->bucket.at) /* the clock was set back: turns that it gave before are far away */
            domain->urgent_until = domain->others_until = 0;
        fill(&domain->bucket, pace->per_domain, now);
        int64_t wait = wait_for(&domain->bucket, pace->per_domain);
        bool yields = !urgent && domain->urgent_until / FINE >= now;
        if (wait > 0 || yields) {
            int64_t first = now + (wait > 0 ? wait : 1);
            if (yields && first <= domain->urgent_until / FINE)
                first = domain->urgent_until / FINE + 1;
            *ret_at = next_turn(urgent ? &domain->urgent_until : &domain->others_until, first, pace->per_domain);
            return PACE_LATER;
        }
        domain->bucket.level -= COST;
    }
    if (pace->per_minute > 0)
        pace->all.level -= COST;
    return PACE_GO;
}
