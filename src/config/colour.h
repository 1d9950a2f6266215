/* SPDX-License-Identifier: EUPL-1.2 */
/* Colours as a host gives them, and the contrast between two. Pure. Callers: config/hosts, view/sheet. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 0xRRGGBB */
typedef uint32_t colour;

/* What pages stand on, light and dark: `--paper` of share/static/style.css. */
enum { COLOUR_PAPER = 0xffffff, COLOUR_PAPER_DARK = 0x12171c };

/* "#0f5b4b", or "#fff" for "#ffffff". False: neither. */
bool colour_parse(const char *text, colour *ret_colour);

/* From 1 (none) to 21 (black on white), as WCAG 2.2 defines it. */
double colour_contrast(colour a, colour b);

/* PERCENT of A mixed into B. */
colour colour_mix(colour a, colour b, unsigned percent);
