/* SPDX-License-Identifier: EUPL-1.2 */
/* The numbers that pages show, beside the store. Written by the writer, read by any thread under a lock that is held
 * for a copy and under which no other lock is taken. */
#include "store/board.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "signup/places.h"

/* Place and event ids are small and dense, so two arrays by id serve. */
struct board {
    pthread_mutex_t *lock; /* behind a pointer: readers hold the board const */
    size_t place_room, event_room;
    struct board_numbers *places;
    uint64_t *versions; /* of events */
};

int board_new(struct board **ret_board)
{
    struct board *board = calloc(1, sizeof(*board));
    if (!board)
        return -ENOMEM;
    board->lock = malloc(sizeof(*board->lock));
    if (!board->lock || pthread_mutex_init(board->lock, NULL) != 0) {
        free(board->lock);
        free(board);
        return -ENOMEM;
    }
    *ret_board = board;
    return 0;
}

void board_free(struct board *board)
{
    if (!board)
        return;
    (void)pthread_mutex_destroy(board->lock);
    free(board->lock);
    free(board->places);
    free(board->versions);
    free(board);
}

void board_read(const struct board *board, int64_t event_id, const int64_t *place_ids, size_t n,
                struct board_numbers *ret_numbers, uint64_t *ret_version)
{
    pthread_mutex_lock(board->lock);
    for (size_t i = 0; i < n; i++) {
        int64_t id = place_ids[i];
        if (id > 0 && (size_t)id < board->place_room)
            ret_numbers[i] = board->places[id];
        else
            ret_numbers[i] = (struct board_numbers){ .known = false };
    }
    if (ret_version)
        *ret_version = event_id > 0 && (size_t)event_id < board->event_room ? board->versions[event_id] : 0;
    pthread_mutex_unlock(board->lock);
}

/* Room for ID in an array of items of SIZE bytes; new ones are zero. */
static int make_room(void **items, size_t *room, int64_t id, size_t size)
{
    if ((size_t)id < *room)
        return 0;
    size_t more = *room ? *room : 64;
    while (more <= (size_t)id)
        more *= 2;
    char *bytes = reallocarray(*items, more, size);
    if (!bytes)
        return -ENOMEM;
    memset(bytes + *room * size, 0, (more - *room) * size);
    *items = bytes;
    *room = more;
    return 0;
}

int board_set(struct board *board, const struct place *place)
{
    struct board_numbers numbers = { .known = !place->retired,
                                     .limited = place->limited,
                                     .allocated = place->allocated,
                                     .capacity = place->capacity,
                                     .taken = place->taken,
                                     .waiting = place->waiting };
    int64_t left = place->capacity - place->taken - place->reserved_open;
    /* what a reserve keeps is nobody's once it is released */
    numbers.left = place->limited && left > 0 && !place->released ? left : 0;

    pthread_mutex_lock(board->lock);
    int r = make_room((void **)&board->places, &board->place_room, place->id, sizeof(*board->places));
    if (r == 0)
        r = make_room((void **)&board->versions, &board->event_room, place->event_id, sizeof(*board->versions));
    if (r == 0) {
        struct board_numbers *old = &board->places[place->id];
        if (old->known != numbers.known || old->limited != numbers.limited || old->allocated != numbers.allocated ||
            old->capacity != numbers.capacity || old->taken != numbers.taken ||
            old->waiting != numbers.waiting || old->left != numbers.left)
            board->versions[place->event_id]++;
        *old = numbers;
    }
    pthread_mutex_unlock(board->lock);
    return r;
}
