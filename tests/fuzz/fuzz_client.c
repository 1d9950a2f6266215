/* SPDX-License-Identifier: EUPL-1.2 */
/* X-Forwarded-For and Forwarded, from a peer that is trusted and from one that is not; the list of trusted proxies. The
 * input: a line for each header (empty: not sent) and one for the proxies. */
#include "fuzz.h"

#include "config/settings.h"
#include "http/client.h"

static const struct client peer = { .known = true, .bytes = { [10] = 0xff, 0xff, 10, 0, 0, 1 } };

static bool same(const struct client *one, const struct client *two)
{
    return one->known == two->known && (!one->known || memcmp(one->bytes, two->bytes, sizeof one->bytes) == 0);
}

static void ask(const struct trusted *trusted, bool is_trusted, const char *x_forwarded_for, const char *forwarded)
{
    struct client client = { 0 };
    bool silent = false;
    client_of_request(trusted, &peer, false, x_forwarded_for, forwarded, &client, &silent);
    FUZZ_PROMISE(trusted_has(trusted, &peer, false) == is_trusted);
    /* Nobody chooses who he is but through a proxy of ours. */
    if (!is_trusted)
        FUZZ_PROMISE(same(&client, &peer) && !silent);
    if (x_forwarded_for || forwarded)
        FUZZ_PROMISE(client.known && !silent);
    else if (is_trusted)
        FUZZ_PROMISE(!client.known && silent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const proxies[] = { "10.0.0.0/24", "fd00::/8", "unix:" }, *const others[] = { "192.0.2.1" };
    static struct trusted *ours, *not_ours;
    if (!ours) {
        const struct settings_list list = { 3, proxies }, other_list = { 1, others };
        FUZZ_PROMISE(trusted_new(&list, &ours) == 0 && trusted_new(&other_list, &not_ours) == 0);
    }
    char *x_forwarded_for = fuzz_line(&data, &size), *forwarded = fuzz_line(&data, &size);
    char *proxy = fuzz_line(&data, &size);
    const char *x = *x_forwarded_for ? x_forwarded_for : NULL, *f = *forwarded ? forwarded : NULL;
    ask(ours, true, x, f);
    ask(not_ours, false, x, f);

    const char *const items[] = { proxy };
    const struct settings_list list = { 1, items };
    struct trusted *made = NULL;
    int r = trusted_new(&list, &made);
    FUZZ_PROMISE(r == 0 || (r == -EINVAL && !made));
    if (r == 0) {
        ask(made, trusted_has(made, &peer, false), x, f);
        trusted_free(made);
    }
    free(x_forwarded_for);
    free(forwarded);
    free(proxy);
    return 0;
}
