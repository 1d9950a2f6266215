/* SPDX-License-Identifier: EUPL-1.2 */
/* /metrics: a site of its own for a listener of its own, without languages, store or secrets. Made by main. */
#pragma once

struct http_site;
struct metrics;

/* The site that shows METRICS, which must outlive its server. */
struct http_site page_metrics_site(struct metrics *metrics);
