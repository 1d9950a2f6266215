/* SPDX-License-Identifier: EUPL-1.2 */
/* Finished event pages of one worker, bounded in bytes, the least used go first. One page per event and language; a
 * page of another revision, phase or seat version takes its place. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_cache;

struct page_cache_key {
    int64_t event_id, revision_id;
    uint64_t version;     /* of the board's numbers */
    int phase;
    const char *language;
};

struct page_cached {
    char *data;
    size_t size;
    size_t seal_at;   /* where the form's signed time stands; SIZE: there is none */
    int64_t sealed;   /* the second of it */
    int64_t made, until; /* it is right from the one instant to before the other; its reader checks */
    char *gzip;       /* the same in the gzip format; NULL: nobody has asked for it since the time was renewed */
    size_t gzip_size;
};

int page_cache_new(size_t bytes, struct page_cache **ret_cache) __attribute__((warn_unused_result));
void page_cache_free(struct page_cache *cache); /* NULL is allowed */

/* NULL: not there. Valid until the next call. */
struct page_cached *page_cache_find(struct page_cache *cache, const struct page_cache_key *key);
/* Copies the page. It is simply not kept if memory runs out or it is larger than the whole. */
void page_cache_add(struct page_cache *cache, const struct page_cache_key *key, const struct page_cached *page);
/* Takes over the compressed bytes of PAGE, which page_cache_find has just found. DATA NULL: those that it has no longer
 * hold. False: there is no room beside the page itself, and DATA is still the caller's. */
bool page_cache_set_gzip(struct page_cache *cache, struct page_cached *page, char *data, size_t size);
/* Another edition: nothing holds any more. */
void page_cache_clear(struct page_cache *cache, size_t bytes);
