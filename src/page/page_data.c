/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /r/{token}/data.json and data.csv: everything that is held about the person, to keep. A worker's thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "report/person.h"

static int as_json(const json_t *person, char **ret_data, size_t *ret_size)
{
    char *data = json_dumps(person, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

    if (!data)
        return -ENOMEM;
    *ret_data = data;
    *ret_size = strlen(data);
    return 0;
}

static int as_csv(const json_t *person, char **ret_data, size_t *ret_size)
{
    char *data = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&data, &size);
    int r;

    if (!out)
        return -ENOMEM;
    r = person_csv(person, out);
    if (fclose(out) != 0 && r == 0)
        r = -EIO;
    if (r < 0) {
        free(data);
        return r;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

static void send(struct page_record *found, const char *type, const char *ending,
                 int (*make)(const json_t *person, char **ret_data, size_t *ret_size))
{
    struct page page;
    const char *filename;
    char *data = NULL;
    size_t size = 0;
    int r;

    page_record_begin(&page, found);
    filename = arena_format(page.arena, "%s-%s.%s", found->record.slug, found->record.reference, ending);
    r = filename ? make(found->person, &data, &size) : -ENOMEM;
    if (r < 0) {
        log_error("data.failed", LOG_INT("registration", found->link.id), LOG_ERRNO(r));
        json_decref(page.model);
        page_error(found->link.request, 500);
        return;
    }
    page_send_file(&page, &(struct reply){
        .status = 200,
        .type = type,
        .filename = filename,
        .cache = REPLY_NO_STORE,
        .data = data,
        .size = size,
    });
    free(data);
}

static void send_json(struct page_record *found)
{
    send(found, "application/json", "json", as_json);
}

static void send_csv(struct page_record *found)
{
    send(found, "text/csv; charset=utf-8; header=present", "csv", as_csv);
}

static void handle_json(struct request *request)
{
    page_record_read_parts(request, PAGE_RECORD_PERSON, send_json);
}

static void handle_csv(struct request *request)
{
    page_record_read_parts(request, PAGE_RECORD_PERSON, send_csv);
}

const struct endpoint page_data_json = {
    .name = "data_json",
    .path = "/r/{token}/data.json",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle_json,
};

const struct endpoint page_data_csv = {
    .name = "data_csv",
    .path = "/r/{token}/data.csv",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle_csv,
};
