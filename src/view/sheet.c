/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the first block of a host's sheet. Called by view/assets at start and reload, on the main thread. */
#include "view/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "config/colour.h"
#include "config/settings.h"

#define TINT 10 /* per cent of the brand in the paper of a chosen row, for browsers without color-mix */

static void add_theme(struct buffer *out, const struct settings_colours *colours, colour paper)
{
    buffer_format(out, ":root{--brand:#%06x;--on-brand:#%06x;--cover:#%06x;--on-cover:#%06x;--tint:#%06x}",
                  colours->brand, colours->on_brand, colours->cover, colours->on_cover,
                  colour_mix(colours->brand, paper, TINT));
}

int sheet_make(const char *style, size_t size, const struct settings_host *host, char **ret_data, size_t *ret_size)
{
    struct buffer out = { 0 };
    const char *rest = memmem(style, size, "\n\n", 2);

    if (!rest)
        return -EINVAL;
    if (host->has_colours) {
        add_theme(&out, &host->light, COLOUR_PAPER);
        buffer_text(&out, "\n@media (prefers-color-scheme:dark){\n");
        add_theme(&out, &host->dark, COLOUR_PAPER_DARK);
        buffer_text(&out, "}\n");
        buffer_add(&out, rest + 1, size - (size_t)(rest + 1 - style));
    } else {
        buffer_add(&out, style, size);
    }
    int r = buffer_check(&out);
    if (r < 0) {
        buffer_done(&out);
        return r;
    }
    *ret_data = out.data;
    *ret_size = out.size;
    return 0;
}
