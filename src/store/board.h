/* SPDX-License-Identifier: EUPL-1.2 */
/* The board: the numbers that pages show, kept in memory beside the store. Written by the writer after each COMMIT,
 * reread after a foreign change; read by any thread under a lock held for a copy. Pages make no query for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct board_numbers {
    bool known, limited;
    bool allocated; /* a session of a round whose wishes have become places */
    int64_t capacity, taken, waiting, left; /* left: capacity − taken − reserved_open, at least 0 */
};

/* The numbers of N places, and *ret_version, which moves when a number of EVENT_ID that pages show has changed. */
void board_read(const struct board *board, int64_t event_id, const int64_t *place_ids, size_t n,
                struct board_numbers *ret_numbers, uint64_t *ret_version);

/* For the store's own use. */
struct place;
int board_new(struct board **ret_board) __attribute__((warn_unused_result));
void board_free(struct board *board);
int board_set(struct board *board, const struct place *place) __attribute__((warn_unused_result));
