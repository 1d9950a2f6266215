/* SPDX-License-Identifier: EUPL-1.2 */
/* What evhttp lets through and a public server must not. Caller: http/request, on the worker's thread. */
#pragma once

struct evhttp_request;

/* 0, or 400: the message can be read in more than one way, so the connection must close after the answer.
 * An HTTP/1.x version above 1.1 becomes 1.1. */
int check_message(struct evhttp_request *http);

/* 0, 400 or 414: the request target, as it came. */
int check_target(const char *target);

/* 0 or 415: the type and coding of a POST's body of SIZE bytes. */
int check_form_type(const struct evhttp_request *http, unsigned long size);
