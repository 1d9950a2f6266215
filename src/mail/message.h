/* SPDX-License-Identifier: EUPL-1.2 */
/* One message as bytes for SMTP, by GMime: multipart/mixed( alternative( text ; related( html ; pictures ) ;
 * calendar ) ; invite.ics ), related only with a picture, mixed only with a calendar. 7-bit, CRLF, RFC 5322.
 * message_setup once in main; then any sender thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A PNG that the HTML shows as "cid:NAME", in either quotes; the file is called NAME.png. In the message the id has the
 * Message-ID in it too, for a Content-ID belongs to one message in the world, and mail programs keep pictures by it. */
struct message_picture {
    const char *name;
    const void *data;
    size_t size;
};

struct message {
    const char *from_name, *from_address, *reply_to; /* reply_to: address or "Name <address>"; NULL: none */
    const char *to_name, *to_address;
    const char *subject;
    const char *language;      /* Content-Language */
    const char *message_id;    /* without <> */
    const char *references;    /* Message-ID of the first message of this registration, without <>; NULL: none */
    const char *unsubscribe;   /* https URL that a POST stops these mails at (RFC 8058); NULL: they cannot be stopped */
    int64_t date;
    const char *text, *html;   /* UTF-8, LF */
    const char *calendar;      /* iCalendar with CRLF; NULL: none */
    const char *calendar_method; /* "REQUEST", "CANCEL", "PUBLISH"; must be what the calendar says */
    size_t picture_count;
    const struct message_picture *pictures;
};

void message_setup(void);

/* The bytes, allocated; the caller frees. Every value is cleaned first. -EINVAL: an address that cannot stand in a
 * header. -ENOMEM. */
int message_build(const struct message *message, char **ret_data, size_t *ret_size) __attribute__((warn_unused_result));
