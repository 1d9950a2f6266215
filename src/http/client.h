/* SPDX-License-Identifier: EUPL-1.2 */
/* Who the client is: the peer's address, or what a trusted proxy says of it. Pure but for client_of_socket. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct settings_list;
struct trusted;

/* An address as 16 bytes, IPv4 mapped (::ffff:a.b.c.d). Not known: nobody to be limited (a proxy that does not say, or
 * a Unix socket that is not told apart). */
struct client {
    bool known;
    unsigned char bytes[16];
};

/* Addresses, CIDR ("10.0.0.0/8", "fd00::/8") and "unix:" of http.trusted_proxies. -EINVAL: none of these. */
int trusted_new(const struct settings_list *list, struct trusted **ret_trusted) __attribute__((warn_unused_result));
void trusted_free(struct trusted *trusted);

/* The peer of a connected socket; *ret_unix: it is a Unix socket, and the client is not known. */
void client_of_socket(int fd, struct client *ret_peer, bool *ret_unix);
bool trusted_has(const struct trusted *trusted, const struct client *client, bool is_unix);

/* The client behind PEER. X_FORWARDED_FOR (all its header lines joined by commas) and FORWARDED (RFC 7239) may be NULL
 * and count only if the peer is trusted; the first that is given is taken, and in it the right-most address that is not
 * trusted. What stands there and is no address: the peer itself. A trusted proxy that sends none: not known,
 * *ret_silent. */
void client_of_request(const struct trusted *trusted, const struct client *peer, bool is_unix,
                       const char *x_forwarded_for, const char *forwarded, struct client *ret_client, bool *ret_silent);

/* An address as headers write it: "1.2.3.4", "1.2.3.4:567", "::1", "[::1]:80". False: none. */
bool client_read(const char *text, size_t size, struct client *ret_client);
