/* SPDX-License-Identifier: EUPL-1.2 */
/* How much one client may. A bucket is one number, the instant at which it will be full again: a token taken moves it
 * on by the time that a token needs to come back, so nothing is ever refilled, and the fullest bucket is the one whose
 * instant is the oldest. Callers: http (connections, request), page (refused submissions), main. Any thread; the lock
 * is held for a look-up, and nothing is called under it. */
#include "http/guard.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "http/client.h"

#define WAYS 16            /* buckets among which a new one finds its place */
#define CLIENT_SETS 4096   /* 65,536 buckets of addresses and networks: 2.5 MiB, used as they fill */
#define EVENT_SETS 64
#define DOORS 4096         /* chains of addresses with open connections, as many as there are descriptors */
#define MINUTE 60000000    /* microseconds, as all times in here */
#define WARN_EVERY MINUTE

enum kind { NOBODY, ADDRESS, NETWORK, EVENT };

struct key {
    unsigned char kind;
    unsigned char bytes[16];
};

struct bucket {
    struct key key;
    int64_t full_at;
    int64_t warned_at; /* of an event */
};

struct table {
    struct bucket *buckets;
    size_t sets;
};

struct door {
    struct door *next;
    struct key key; /* of an address or a network */
    int64_t open;
};

struct guard {
    pthread_mutex_t lock;
    unsigned char secret[crypto_shorthash_KEYBYTES]; /* so that nobody can aim at one set */
    struct guard_limits limits;
    struct table clients, events;
    struct door *doors[DOORS];
    bool silent_said;
};

/* ---- buckets ---- */

/* How fast tokens come back, and how many there are at most, both as time. */
struct rate {
    int64_t interval, room;
};

static struct rate rate_of(const struct guard *guard, enum kind kind)
{
    const struct guard_limits *limits = &guard->limits;
    int64_t per_minute = limits->per_minute, burst = limits->burst;
    if (kind == NETWORK) {
        per_minute *= limits->network;
        burst *= limits->network;
    } else if (kind == EVENT)
        per_minute = burst = limits->refused_per_event;
    int64_t interval = per_minute > 0 ? MINUTE / per_minute : MINUTE;
    if (interval == 0)
        interval = 1;
    return (struct rate){ interval, interval * burst };
}

static uint64_t hash(const struct guard *guard, const void *data, size_t size)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t number;
    (void)crypto_shorthash(out, data, size, guard->secret);
    memcpy(&number, out, sizeof(number));
    return number;
}

static struct bucket *set_of(const struct guard *guard, const struct table *table, const struct key *key)
{
    return &table->buckets[hash(guard, key, sizeof(*key)) % table->sets * WAYS];
}

static struct bucket *find(const struct guard *guard, const struct table *table, const struct key *key)
{
    struct bucket *set = set_of(guard, table, key);
    for (size_t i = 0; i < WAYS; i++)
        if (memcmp(&set[i].key, key, sizeof(*key)) == 0)
            return &set[i];
    return NULL;
}

/* The bucket of KEY; a new, full one in place of the fullest of its set. */
static struct bucket *find_or_make(const struct guard *guard, const struct table *table, const struct key *key)
{
    struct bucket *bucket = find(guard, table, key);
    if (bucket)
        return bucket;
    struct bucket *set = set_of(guard, table, key);
    bucket = set;
    for (size_t i = 0; i < WAYS && bucket->key.kind != NOBODY; i++)
        if (set[i].key.kind == NOBODY || set[i].full_at < bucket->full_at)
            bucket = &set[i];
    *bucket = (struct bucket){ .key = *key, .full_at = INT64_MIN, .warned_at = INT64_MIN };
    return bucket;
}

/* Microseconds until KEY has a token; 0: it has one now. */
static int64_t wait_for(const struct guard *guard, const struct table *table, const struct key *key, int64_t now)
{
    const struct rate rate = rate_of(guard, key->kind);
    const struct bucket *bucket = find(guard, table, key);
    int64_t from = bucket && bucket->full_at > now ? bucket->full_at : now;
    int64_t wait = from + rate.interval - now - rate.room;
    return wait > 0 ? wait : 0;
}

static void charge(const struct guard *guard, const struct table *table, const struct key *key, int64_t now)
{
    struct bucket *bucket = find_or_make(guard, table, key);
    if (bucket->full_at < now)
        bucket->full_at = now;
    bucket->full_at += rate_of(guard, key->kind).interval;
}

static int64_t to_seconds(int64_t microseconds)
{
    return (microseconds + 999999) / 1000000;
}

static void keys_of(const struct client *client, struct key *ret_address, struct key *ret_network)
{
    static const unsigned char v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    size_t kept = memcmp(client->bytes, v4_prefix, sizeof(v4_prefix)) == 0 ? 15 : 8;
    *ret_address = (struct key){ .kind = ADDRESS };
    *ret_network = (struct key){ .kind = NETWORK };
    memcpy(ret_address->bytes, client->bytes, sizeof(client->bytes));
    memcpy(ret_network->bytes, client->bytes, kept);
}

bool guard_spend(struct guard *guard, const struct client *client, int64_t now, int64_t *ret_seconds)
{
    struct key address, network;
    if (!client->known)
        return true;
    keys_of(client, &address, &network);
    now *= 1000;
    (void)pthread_mutex_lock(&guard->lock);
    int64_t wait = wait_for(guard, &guard->clients, &address, now);
    int64_t other = wait_for(guard, &guard->clients, &network, now);
    if (other > wait)
        wait = other;
    if (wait == 0) {
        charge(guard, &guard->clients, &address, now);
        charge(guard, &guard->clients, &network, now);
    }
    (void)pthread_mutex_unlock(&guard->lock);
    if (wait > 0)
        *ret_seconds = to_seconds(wait);
    return wait == 0;
}

bool guard_spend_event(struct guard *guard, int64_t event_id, int64_t now, int64_t *ret_seconds, bool *ret_warn)
{
    struct key key = { .kind = EVENT };
    memcpy(key.bytes, &event_id, sizeof(event_id));
    now *= 1000;
    bool warn = false;
    (void)pthread_mutex_lock(&guard->lock);
    int64_t wait = wait_for(guard, &guard->events, &key, now);
    if (wait == 0)
        charge(guard, &guard->events, &key, now);
    else {
        struct bucket *bucket = find_or_make(guard, &guard->events, &key);
        warn = bucket->warned_at == INT64_MIN || now - bucket->warned_at >= WARN_EVERY;
        if (warn)
            bucket->warned_at = now;
    }
    (void)pthread_mutex_unlock(&guard->lock);
    if (wait > 0) {
        *ret_seconds = to_seconds(wait);
        *ret_warn = warn;
    }
    return wait == 0;
}

/* ---- open connections ---- */

/* Where the door of KEY hangs, or would. */
static struct door **door_of(struct guard *guard, const struct key *key)
{
    struct door **slot = &guard->doors[hash(guard, key, sizeof(*key)) % DOORS];
    while (*slot && memcmp(&(*slot)->key, key, sizeof(*key)) != 0)
        slot = &(*slot)->next;
    return slot;
}

/* One more through the door of KEY, if it has fewer than LIMIT. */
static bool open_door(struct guard *guard, const struct key *key, int64_t limit)
{
    struct door **slot = door_of(guard, key), *door = *slot;
    if (!door) {
        door = calloc(1, sizeof(*door));
        if (!door)
            return false;
        door->key = *key;
        *slot = door;
    }
    if (door->open >= limit) /* a door that stands has at least one behind it, and a limit is at least one */
        return false;
    door->open++;
    return true;
}

static void close_door(struct guard *guard, const struct key *key)
{
    struct door **slot = door_of(guard, key), *door = *slot;
    if (door && --door->open == 0) {
        *slot = door->next;
        free(door);
    }
}

bool guard_connect(struct guard *guard, const struct client *client)
{
    struct key address, network;
    if (!client->known)
        return true;
    keys_of(client, &address, &network);
    (void)pthread_mutex_lock(&guard->lock);
    bool in = open_door(guard, &address, guard->limits.connections);
    if (in && !open_door(guard, &network, guard->limits.connections * guard->limits.network)) {
        close_door(guard, &address);
        in = false;
    }
    (void)pthread_mutex_unlock(&guard->lock);
    return in;
}

void guard_disconnect(struct guard *guard, const struct client *client)
{
    struct key address, network;
    if (!client->known)
        return;
    keys_of(client, &address, &network);
    (void)pthread_mutex_lock(&guard->lock);
    close_door(guard, &address);
    close_door(guard, &network);
    (void)pthread_mutex_unlock(&guard->lock);
}

/* ---- life ---- */

bool guard_first_silent(struct guard *guard)
{
    (void)pthread_mutex_lock(&guard->lock);
    bool first = !guard->silent_said;
    guard->silent_said = true;
    (void)pthread_mutex_unlock(&guard->lock);
    return first;
}

int guard_new(const struct guard_limits *limits, struct guard **ret_guard)
{
    struct guard *guard = calloc(1, sizeof(*guard));
    if (!guard)
        return -ENOMEM;
    guard->limits = *limits;
    guard->clients = (struct table){ calloc(CLIENT_SETS * WAYS, sizeof(struct bucket)), CLIENT_SETS };
    guard->events = (struct table){ calloc(EVENT_SETS * WAYS, sizeof(struct bucket)), EVENT_SETS };
    if (!guard->clients.buckets || !guard->events.buckets || pthread_mutex_init(&guard->lock, NULL) != 0) {
        free(guard->clients.buckets);
        free(guard->events.buckets);
        free(guard);
        return -ENOMEM;
    }
    randombytes_buf(guard->secret, sizeof(guard->secret));
    *ret_guard = guard;
    return 0;
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    for (size_t i = 0; i < DOORS; i++)
        for (struct door *door = guard->doors[i], *next; door; door = next) {
            next = door->next;
            free(door);
        }
    (void)pthread_mutex_destroy(&guard->lock);
    free(guard->clients.buckets);
    free(guard->events.buckets);
    free(guard);
}

static bool same_rates(const struct guard_limits *a, const struct guard_limits *b)
{
    return a->burst == b->burst && a->per_minute == b->per_minute && a->network == b->network &&
           a->refused_per_event == b->refused_per_event;
}

/* Instants reckoned by other rates mean nothing: everyone begins with a full bucket. */
void guard_change(struct guard *guard, const struct guard_limits *limits)
{
    (void)pthread_mutex_lock(&guard->lock);
    if (!same_rates(&guard->limits, limits)) {
        memset(guard->clients.buckets, 0, CLIENT_SETS * WAYS * sizeof(struct bucket));
        memset(guard->events.buckets, 0, EVENT_SETS * WAYS * sizeof(struct bucket));
    }
    guard->limits = *limits;
    (void)pthread_mutex_unlock(&guard->lock);
}
