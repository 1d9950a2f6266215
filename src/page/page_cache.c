/* SPDX-License-Identifier: EUPL-1.2 */
/* The page cache: a hash of chains and a list by last use. Called by page_event and site. A worker's thread. */
#include "page/page_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS 512

struct entry {
    struct entry *chain;
    struct entry *newer, *older;
    struct page_cache_key key;
    char language[16];
    struct page_cached page;
};

struct page_cache {
    size_t limit, bytes;
    struct entry *newest, *oldest;
    struct entry *chains[CHAINS];
};

int page_cache_new(size_t bytes, struct page_cache **ret_cache)
{
    struct page_cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return -ENOMEM;
    cache->limit = bytes;
    *ret_cache = cache;
    return 0;
}

static struct entry **chain_of(struct page_cache *cache, const struct page_cache_key *key)
{
    uint64_t hash = (uint64_t)key->event_id * 0x9e3779b97f4a7c15u;

    for (const char *c = key->language; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return &cache->chains[(hash >> 32) % CHAINS];
}

static struct entry **find_slot(struct page_cache *cache, const struct page_cache_key *key)
{
    struct entry **slot = chain_of(cache, key);

    while (*slot && ((*slot)->key.event_id != key->event_id || strcmp((*slot)->language, key->language) != 0))
        slot = &(*slot)->chain;
    return slot;
}

static void unlink_use(struct page_cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
    entry->newer = entry->older = NULL;
}

static void link_newest(struct page_cache *cache, struct entry *entry)
{
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static size_t weight(const struct entry *entry)
{
    return entry->page.size + entry->page.gzip_size + sizeof *entry;
}

static void drop(struct page_cache *cache, struct entry **slot)
{
    struct entry *entry = *slot;

    *slot = entry->chain;
    unlink_use(cache, entry);
    cache->bytes -= weight(entry);
    free(entry->page.gzip);
    free(entry->page.data);
    free(entry);
}

static void drop_oldest(struct page_cache *cache)
{
    struct page_cache_key oldest = cache->oldest->key;

    oldest.language = cache->oldest->language;
    drop(cache, find_slot(cache, &oldest));
}

struct page_cached *page_cache_find(struct page_cache *cache, const struct page_cache_key *key)
{
    struct entry **slot = find_slot(cache, key), *entry = *slot;

    if (!entry)
        return NULL;
    if (entry->key.revision_id != key->revision_id || entry->key.version != key->version
        || entry->key.phase != key->phase) {
        drop(cache, slot);
        return NULL;
    }
    unlink_use(cache, entry);
    link_newest(cache, entry);
    return &entry->page;
}

void page_cache_add(struct page_cache *cache, const struct page_cache_key *key, const struct page_cached *page)
{
    struct entry **slot = find_slot(cache, key), *entry;

    if (*slot)
        drop(cache, slot);
    if (page->size + sizeof *entry > cache->limit || strlen(key->language) >= sizeof entry->language)
        return;
    while (cache->oldest && cache->bytes + page->size + sizeof *entry > cache->limit)
        drop_oldest(cache);
    entry = calloc(1, sizeof *entry);
    if (!entry)
        return;
    entry->key = *key;
    entry->key.language = NULL; /* the caller's; ours is the copy */
    memcpy(entry->language, key->language, strlen(key->language));
    entry->page = *page;
    entry->page.gzip = NULL; /* comes when it is asked for */
    entry->page.gzip_size = 0;
    entry->page.data = malloc(page->size);
    if (!entry->page.data) {
        free(entry);
        return;
    }
    memcpy(entry->page.data, page->data, page->size);
    slot = chain_of(cache, key);
    entry->chain = *slot;
    *slot = entry;
    link_newest(cache, entry);
    cache->bytes += weight(entry);
}

bool page_cache_set_gzip(struct page_cache *cache, struct page_cached *page, char *data, size_t size)
{
    struct entry *entry = (struct entry *)((char *)page - offsetof(struct entry, page));

    free(page->gzip);
    cache->bytes -= page->gzip_size;
    page->gzip = NULL;
    page->gzip_size = 0;
    if (!data)
        return true;
    if (weight(entry) + size > cache->limit)
        return false;
    while (cache->oldest != entry && cache->bytes + size > cache->limit)
        drop_oldest(cache);
    page->gzip = data;
    page->gzip_size = size;
    cache->bytes += size;
    return true;
}

void page_cache_clear(struct page_cache *cache, size_t bytes)
{
    for (size_t i = 0; i < CHAINS; i++)
        while (cache->chains[i])
            drop(cache, &cache->chains[i]);
    cache->limit = bytes;
}

void page_cache_free(struct page_cache *cache)
{
    if (!cache)
        return;
    page_cache_clear(cache, 0);
    free(cache);
}
