/* SPDX-License-Identifier: EUPL-1.2 */
/* Fills a compiled template from a JSON model. A name is looked for in the innermost object first, then outwards;
 * the parts behind its dots only inside what the first one gave.
 * False are: false, null, what is missing, the empty list and, as views need it all the time, the empty text; the
 * specification leaves that last one and the number 0 open, and 0 is true here. Lists and objects print as nothing.
 * Caller: template.c. Any thread. */
#include "view/mustache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "view/catalogue.h"

#define PARTIAL_DEPTH_MAX 64

/* A piece of the model, or a sentence of the catalogue (TEXT not NULL); both NULL: missing. */
struct value {
    const json_t *json;
    const char *text;
};

struct frame {
    struct value value;
    const struct frame *outer;
};

struct indent {
    const char *text;
    size_t size;
    const struct indent *outer;
};

struct render {
    const struct mustache *mustache;
    const struct catalogue *catalogue;
    struct buffer *out;
    const struct indent *indent;
    bool html;
    unsigned depth;
};

static int render_range(const struct render *r, size_t from, size_t to, const struct frame *top);

static struct value look_up(const struct render *r, const struct mustache_op *op, const struct frame *top)
{
    if (op->key_count == 0)
        return top->value;
    const json_t *found = NULL;
    for (const struct frame *frame = top; frame && !found; frame = frame->outer)
        found = json_object_get(frame->value.json, op->keys[0]); /* NULL for all but objects */
    if (!found && r->catalogue && op->rest && strcmp(op->keys[0], "t") == 0)
        return (struct value){ .text = catalogue_text(r->catalogue, op->rest) };
    for (size_t i = 1; i < op->key_count && found; i++)
        found = json_object_get(found, op->keys[i]);
    return (struct value){ .json = found };
}

static bool is_true(struct value value)
{
    if (value.text)
        return *value.text != '\0';
    switch (value.json ? json_typeof(value.json) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_STRING:
        return json_string_length(value.json) > 0;
    case JSON_ARRAY:
        return json_array_size(value.json) > 0;
    default:
        return true;
    }
}

static void put_indent(struct buffer *out, const struct indent *indent)
{
    if (!indent)
        return;
    put_indent(out, indent->outer);
    buffer_add(out, indent->text, indent->size);
}

/* Each line with the indentation in front, but the empty ones: they stay empty. */
static void put_text(const struct render *r, const struct mustache_op *op)
{
    if (!r->indent) {
        buffer_add(r->out, op->text, op->size);
        return;
    }
    const char *at = op->text, *end = op->text + op->size;
    for (bool fresh = op->line_start; at < end; fresh = true) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *next = feed ? feed + 1 : end;
        bool empty = feed == at || (feed == at + 1 && *at == '\r');
        if (fresh && !empty)
            put_indent(r->out, r->indent);
        buffer_add(r->out, at, (size_t)(next - at));
        at = next;
    }
}

static void put_escaped(struct buffer *out, const char *text, size_t size)
{
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        const char *entity;
        switch (text[i]) {
        case '&': entity = "&amp;"; break;
        case '<': entity = "&lt;"; break;
        case '>': entity = "&gt;"; break;
        case '"': entity = "&quot;"; break;
        case '\'': entity = "&#39;"; break;
        default: continue;
        }
        buffer_add(out, text + from, i - from);
        buffer_text(out, entity);
        from = i + 1;
    }
    buffer_add(out, text + from, size - from);
}

/* The shortest of the spellings that read back as the same number. */
static void put_real(struct buffer *out, double number)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buffer_text(out, text);
}

static void put_value(const struct render *r, struct value value, bool escape)
{
    const char *text = value.text;
    size_t size = text ? strlen(text) : 0;
    if (!text) {
        switch (value.json ? json_typeof(value.json) : JSON_NULL) {
        case JSON_STRING:
            text = json_string_value(value.json);
            size = json_string_length(value.json);
            break;
        case JSON_INTEGER:
            buffer_format(r->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value.json));
            return;
        case JSON_REAL:
            put_real(r->out, json_real_value(value.json));
            return;
        case JSON_TRUE:
            buffer_text(r->out, "true");
            return;
        case JSON_FALSE:
            buffer_text(r->out, "false");
            return;
        default:
            return;
        }
    }
    if (escape)
        put_escaped(r->out, text, size);
    else
        buffer_add(r->out, text, size);
}

/* The operations between the one at AT and its end, with VALUE as the innermost. */
static int render_inside(const struct render *r, size_t at, struct value value, const struct frame *top)
{
    const struct mustache_op *ops = r->mustache->ops;
    struct frame frame = { .value = value, .outer = top };
    int result = render_range(r, at + 1, ops[at].end, &frame);
    if (result == 0 && ops[ops[at].end].line_start)
        put_indent(r->out, r->indent);
    return result;
}

static int render_section(const struct render *r, size_t at, const struct frame *top)
{
    struct value value = look_up(r, &r->mustache->ops[at], top);
    if (!is_true(value))
        return 0;
    if (!json_is_array(value.json))
        return render_inside(r, at, value, top);
    for (size_t i = 0; i < json_array_size(value.json); i++) {
        int result = render_inside(r, at, (struct value){ .json = json_array_get(value.json, i) }, top);
        if (result < 0)
            return result;
    }
    return 0;
}

static int render_partial(const struct render *r, const struct mustache_op *op, const struct frame *top)
{
    if (!op->partial)
        return 0;
    if (r->depth + 1 > PARTIAL_DEPTH_MAX)
        return -ELOOP;
    struct indent indent = { .text = op->text, .size = op->size, .outer = r->indent };
    struct render inner = *r;
    inner.mustache = op->partial;
    inner.depth++;
    if (!op->text)
        inner.indent = NULL; /* in the middle of a line */
    else if (op->size > 0)
        inner.indent = &indent;
    return render_range(&inner, 0, op->partial->count, top);
}

static int render_op(const struct render *r, size_t at, const struct frame *top)
{
    const struct mustache_op *op = &r->mustache->ops[at];
    if (op->kind == MUSTACHE_TEXT) {
        put_text(r, op);
        return 0;
    }
    if (op->line_start)
        put_indent(r->out, r->indent);
    switch (op->kind) {
    case MUSTACHE_VALUE:
        put_value(r, look_up(r, op, top), r->html);
        return 0;
    case MUSTACHE_RAW:
        put_value(r, look_up(r, op, top), false);
        return 0;
    case MUSTACHE_SECTION:
        return render_section(r, at, top);
    case MUSTACHE_INVERTED:
        return is_true(look_up(r, op, top)) ? 0 : render_inside(r, at, top->value, top);
    case MUSTACHE_PARTIAL:
        return render_partial(r, op, top);
    default:
        return 0;
    }
}

static int render_range(const struct render *r, size_t from, size_t to, const struct frame *top)
{
    for (size_t i = from; i < to;) {
        int result = render_op(r, i, top);
        if (result < 0)
            return result;
        const struct mustache_op *op = &r->mustache->ops[i];
        bool jumps = op->kind == MUSTACHE_SECTION || op->kind == MUSTACHE_INVERTED;
        i = (jumps ? op->end : i) + 1;
    }
    return 0;
}

int mustache_render(const struct mustache *mustache, const json_t *model, const struct catalogue *catalogue,
                    struct buffer *out)
{
    struct render r = { .mustache = mustache, .catalogue = catalogue, .out = out, .html = mustache->html };
    struct frame top = { .value = { .json = model } };
    int result = render_range(&r, 0, mustache->count, &top);
    return result < 0 ? result : buffer_check(out);
}
