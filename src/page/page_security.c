/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /.well-known/security.txt (RFC 9116): where a weakness can be reported. A worker's thread. */
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "page/site.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define DAY 86400
#define GOOD_DAYS 180 /* RFC 9116 section 2.5.5: less than a year */

static void add_languages(struct buffer *text, const struct catalogues *catalogues)
{
    buffer_text(text, "Preferred-Languages: ");
    for (size_t i = 0; i < catalogues_count(catalogues); i++)
        buffer_format(text, "%s%s", i > 0 ? ", " : "", catalogue_language(catalogues_at(catalogues, i)));
    buffer_text(text, "\n");
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct settings *settings = worker->edition->settings;
    const char *contact = settings->http.security_contact, *base_url = settings->http.base_url;
    int64_t today = clock_now(worker->options->clock) / DAY;
    char expires[CLOCK_STAMP_SIZE];
    struct buffer text = { 0 };

    if (!contact)
        contact = page_model_mailto(request_arena(request), hosts_of(settings, NULL)->contact);
    clock_stamp((today + GOOD_DAYS) * DAY, expires);
    buffer_format(&text, "Contact: %s\nExpires: %s\n", contact ? contact : "", expires);
    add_languages(&text, worker->edition->catalogues);
    if (strncmp(base_url, "https:", 6) == 0) /* RFC 9116 section 2.5.2 takes no other */
        buffer_format(&text, "Canonical: %s/.well-known/security.txt\n", base_url);
    if (!contact || buffer_check(&text) < 0)
        page_error(request, 503);
    else
        page_respond(request, &(struct reply){
            .status = 200,
            .type = "text/plain; charset=utf-8",
            .cache = REPLY_DAY,
            .data = buffer_string(&text),
            .size = text.size,
        });
    buffer_done(&text);
}

const struct endpoint page_security = {
    .name = "security",
    .path = "/.well-known/security.txt",
    .methods = HTTP_GET,
    .handle = handle,
};
