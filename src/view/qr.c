/* SPDX-License-Identifier: EUPL-1.2 */
/* libqrencode makes the squares, libpng the picture. Callers: mail/letter, page/page_code; any thread. */
#include "view/qr.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 100
#define MODULE 6 /* pixels; a phone still reads it from a screen that shows it at half the size */
#define QUIET 4  /* modules of white around it: ISO/IEC 18004 section 6.3.8 */

/* One byte a pixel: black on white, whatever the colours around it are. */
static unsigned char *paint(const QRcode *code, size_t side)
{
    unsigned char *pixels = malloc(side * side);
    if (!pixels)
        return NULL;
    memset(pixels, 0xff, side * side);
    const size_t width = (size_t)code->width;
    for (size_t y = 0; y < width * MODULE; y++)
        for (size_t x = 0; x < width * MODULE; x++)
            if (code->data[y / MODULE * width + x / MODULE] & 1)
                pixels[(y + QUIET * MODULE) * side + x + QUIET * MODULE] = 0;
    return pixels;
}

static int write_png(const unsigned char *pixels, size_t side, void **ret_data, size_t *ret_size)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side,
                        .format = PNG_FORMAT_GRAY };
    png_alloc_size_t size = 0;
    void *data = NULL;

    bool good = png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, NULL);
    if (good)
        data = malloc(size);
    good = data && png_image_write_to_memory(&image, data, &size, 0, pixels, 0, NULL);
    png_image_free(&image);
    if (!good) {
        free(data);
        return -ENOMEM;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

int qr_png(const char *text, void **ret_data, size_t *ret_size)
{
    if (!*text || strlen(text) > TEXT_MAX)
        return -EINVAL;
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return errno == ENOMEM ? -ENOMEM : -EINVAL;
    size_t side = ((size_t)code->width + 2 * QUIET) * MODULE;
    unsigned char *pixels = paint(code, side);
    int r = pixels ? write_png(pixels, side, ret_data, ret_size) : -ENOMEM;
    free(pixels);
    QRcode_free(code);
    return r;
}
