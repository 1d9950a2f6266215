/* SPDX-License-Identifier: EUPL-1.2 */
/* Mustache: a template that names itself as partial, compiled and filled from a model full of mark-up. If a template
 * has neither mark-up of its own nor a tag that does not escape, what comes out has none. */
#include "fuzz.h"

#include <jansson.h>

#include "base/buffer.h"
#include "base/log.h"
#include "view/mustache.h"

static const char model_text[] =
    "{ \"a\": \"<b>&\\\"'\", \"b\": { \"c\": { \"d\": \"<script>\" }, \"a\": \"</b>\" }, \"list\": [ { \"a\": \"1<\" "
    "}, {}, \"<\", 3 ],"
    "  \"yes\": true, \"no\": false, \"none\": null, \"empty\": [], \"n\": -12, \"x\": 1.5, \"t\": \"{{a}}\" }";

static void tie(const struct mustache *mustache, bool *ret_raw)
{
    for (size_t i = 0; i < mustache->count; i++) {
        struct mustache_op *op = &mustache->ops[i];
        if (op->kind == MUSTACHE_PARTIAL && op->name[0] == 's')
            op->partial = mustache;
        if (op->kind == MUSTACHE_RAW)
            *ret_raw = true;
    }
}

/* Partials in loops grow without a bound that belongs to us: the templates are ours, the models are not. */
static bool grows(const struct mustache *mustache)
{
    size_t partials = 0;
    for (size_t i = 0; i < mustache->count; i++)
        partials += mustache->ops[i].partial != NULL;
    return partials > 1;
}

static void fill(const char *name, const char *text, size_t size, const json_t *model)
{
    struct mustache *mustache = NULL;
    struct buffer out = { 0 };
    bool raw = false;
    int r = mustache_compile(name, "fuzz", text, size, &mustache);
    FUZZ_PROMISE(r == 0 || r == -EINVAL);
    if (r < 0)
        return;
    tie(mustache, &raw);
    if (!grows(mustache)) {
        r = mustache_render(mustache, model, NULL, &out);
        FUZZ_PROMISE(r == 0 || r == -ELOOP);
        if (mustache->html && !raw && !memchr(text, '<', size))
            FUZZ_PROMISE(out.size == 0 || !memchr(out.data, '<', out.size));
    }
    buffer_done(&out);
    mustache_free(mustache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static json_t *model;
    if (!model) {
        model = json_loads(model_text, 0, NULL);
        log_setup(LOG_LEVEL_ERROR);
    }
    FUZZ_PROMISE(model);
    char *text = fuzz_text(data, size);
    fill("page/self.html", text, size, model);
    fill("mail/self.txt", text, size, model);
    fill("page/self.html", text, size, NULL);
    free(text);
    return 0;
}
