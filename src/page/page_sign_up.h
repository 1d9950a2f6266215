/* SPDX-License-Identifier: EUPL-1.2 */
/* The POST of an event's page. A worker's thread. */
#pragma once

struct request;

void page_sign_up(struct request *request);
