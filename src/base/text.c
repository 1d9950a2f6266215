/* SPDX-License-Identifier: EUPL-1.2 */
/* Text that came from outside: valid, cleaned, counted, folded. ICU does what Unicode asks for.
 * Callers: every room but store, change and report. Any thread; a folder belongs to one. */
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#include "base/arena.h"
#include "base/buffer.h"

/* ICU counts in int32_t, and one byte of UTF-8 may become several UTF-16 units when folded. */
#define TEXT_MAX ((size_t)INT32_MAX / 16)

/* A transliterator moves all that follows with each character that it lengthens: 64 KB of ligatures took four seconds
 * at once. So it gets pieces. The room is enough for the longest ligature (U+FDFA, 18 letters) throughout. */
#define PIECE 128
#define PIECE_ROOM (PIECE * 20)

/* Overlong forms and surrogates are none (RFC 3629). */
int32_t text_point(const char *text, size_t size, size_t *i)
{
    const uint8_t *bytes = (const uint8_t *)text;
    UChar32 c = bytes[(*i)++];
    unsigned more = c < 0x80 ? 0 : c < 0xc2 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 4;
    static const UChar32 least[] = { 0, 0x80, 0x800, 0x10000 };

    if (more == 0)
        return c;
    if (more > 3 || size - *i < more)
        return -1;
    c &= 0x3f >> more;
    for (unsigned k = 0; k < more; k++) {
        uint8_t byte = bytes[*i + k];
        if ((byte & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (byte & 0x3f);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return -1;
    *i += more;
    return c;
}

bool text_is_utf8(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        if (text_point(text, size, &i) < 0)
            return false;
    }
    return true;
}

bool text_is_ascii(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] >= 0x80)
            return false;
    }
    return true;
}

static bool is_space(UChar32 c)
{
    return c < 0x80 ? c == ' ' || (c >= '\t' && c <= '\r') : u_isUWhiteSpace(c);
}

/* Ends a line in some system: LF, VT, FF, CR, NEL, LINE and PARAGRAPH SEPARATOR. */
static bool is_line_end(UChar32 c)
{
    return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_control(UChar32 c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

/* Turns the reading direction of what stands around it, or has no business in a text at all. */
static bool is_unwanted(UChar32 c)
{
    return is_control(c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
           U_IS_UNICODE_NONCHAR(c);
}

static int icu_error(UErrorCode code)
{
    return code == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EILSEQ;
}

static int to_utf16(struct arena *arena, const char *text, size_t size, UChar **ret_units, int32_t *ret_count)
{
    if (size > TEXT_MAX)
        return -E2BIG;
    UChar *units = arena_take(arena, (size + 1) * sizeof(*units)); /* never more units than bytes */
    if (!units)
        return -ENOMEM;
    UErrorCode code = U_ZERO_ERROR;
    int32_t count = 0;
    u_strFromUTF8(units, (int32_t)size + 1, &count, text, (int32_t)size, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    *ret_units = units;
    *ret_count = count;
    return 0;
}

static int to_utf8(struct arena *arena, const UChar *units, int32_t count, char **ret_text)
{
    size_t room = (size_t)count * 3 + 1;
    char *text = arena_take(arena, room);
    if (!text)
        return -ENOMEM;
    UErrorCode code = U_ZERO_ERROR;
    u_strToUTF8(text, (int32_t)room, NULL, units, count, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    *ret_text = text;
    return 0;
}

static int to_nfc(struct arena *arena, const UChar *units, int32_t count, char **ret_text)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&code);
    if (U_FAILURE(code))
        return icu_error(code);
    int32_t span = unorm2_spanQuickCheckYes(nfc, units, count, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    if (span == count)
        return to_utf8(arena, units, count, ret_text);

    int32_t room = count * 3 + 1; /* the most that NFC can grow: UAX #15, section 9.2 */
    UChar *composed = arena_take(arena, (size_t)room * sizeof(*composed));
    if (!composed)
        return -ENOMEM;
    int32_t size = unorm2_normalize(nfc, units, count, composed, room, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    return to_utf8(arena, composed, size, ret_text);
}

/* Copies TEXT without what is unwanted into CLEAN, which has room for SIZE bytes. */
static int weed(const char *text, size_t size, bool many_lines, char *clean, size_t *ret_size)
{
    size_t out = 0, end = 0; /* end: behind the last character that is no white space */
    bool gap = false;        /* one-line: white space is waiting for a word behind it */

    for (size_t i = 0; i < size;) {
        size_t start = i;
        UChar32 c = text_point(text, size, &i);
        if (c < 0)
            return -EILSEQ;
        if (!is_space(c)) {
            if (is_unwanted(c))
                continue;
            if (gap && out > 0)
                clean[out++] = ' ';
            gap = false;
            memcpy(clean + out, text + start, i - start);
            out += i - start;
            end = out;
        } else if (!many_lines) {
            gap = true;
        } else if (out > 0) { /* leading white space is left out */
            if (is_line_end(c)) {
                if (c == '\r' && i < size && text[i] == '\n')
                    i++;
                clean[out++] = '\n';
            } else if (is_control(c)) { /* a tab */
                clean[out++] = ' ';
            } else {
                memcpy(clean + out, text + start, i - start);
                out += i - start;
            }
        }
    }
    *ret_size = end;
    return 0;
}

int text_clean(struct arena *arena, const char *text, size_t size, bool many_lines, char **ret_clean)
{
    if (size > TEXT_MAX)
        return -E2BIG;
    char *clean = arena_take(arena, size + 1);
    if (!clean)
        return -ENOMEM;
    size_t clean_size;
    int r = weed(text, size, many_lines, clean, &clean_size);
    if (r < 0)
        return r;
    clean[clean_size] = '\0';
    if (text_is_ascii(clean, clean_size)) { /* then it is NFC */
        *ret_clean = clean;
        return 0;
    }

    UChar *units;
    int32_t count;
    r = to_utf16(arena, clean, clean_size, &units, &count);
    if (r < 0)
        return r;
    return to_nfc(arena, units, count, ret_clean);
}

bool text_has_control(const char *text, size_t size)
{
    bool begun = false, space_control = false;

    for (size_t i = 0; i < size;) {
        UChar32 c = text_point(text, size, &i);
        if (c < 0)
            return true;
        if (is_space(c)) {
            if (begun && (is_control(c) || is_line_end(c)))
                space_control = true; /* a fault only if something follows */
        } else if (is_unwanted(c) || space_control) {
            return true;
        } else {
            begun = true;
        }
    }
    return false;
}

size_t text_length(const char *text)
{
    size_t length = 0;

    for (const char *p = text; *p; p++) {
        if (((unsigned char)*p & 0xc0) != 0x80)
            length++;
    }
    return length;
}

bool text_is_blank(const char *text)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size;) {
        UChar32 c = text_point(text, size, &i);
        if (c < 0 || (!is_space(c) && !is_unwanted(c) && c != 0x2800 /* a braille pattern without dots */ &&
                      !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)))
            return false;
    }
    return true;
}

struct text_folder {
    UTransliterator *transliterator; /* NULL: nothing has needed it yet */
};

int text_folder_new(struct text_folder **ret_folder)
{
    struct text_folder *folder = calloc(1, sizeof(*folder));
    if (!folder)
        return -ENOMEM;
    *ret_folder = folder;
    return 0;
}

/* It reads all of ICU's scripts, which takes longer than the rest of a start. */
static int open_transliterator(struct text_folder *folder)
{
    static const UChar id[] = u"Any-Latin; Latin-ASCII; Lower";
    UErrorCode code = U_ZERO_ERROR;

    if (folder->transliterator)
        return 0;
    UTransliterator *transliterator = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    folder->transliterator = transliterator;
    return 0;
}

void text_folder_free(struct text_folder *folder)
{
    if (!folder)
        return;
    if (folder->transliterator)
        utrans_close(folder->transliterator);
    free(folder);
}

/* The end of the piece that begins at START: behind a space if there is one, never within a character. */
static int32_t piece_end(const UChar *units, int32_t count, int32_t start)
{
    if (count - start <= PIECE)
        return count;
    for (int32_t end = start + PIECE; end > start + PIECE / 2; end--) {
        if (units[end - 1] == ' ' || units[end - 1] == '\n')
            return end;
    }
    int32_t end = start + PIECE;
    U16_SET_CP_START(units, start, end);
    return end;
}

/* Folds COUNT units and adds them to OUT as UTF-8. */
static int fold_piece(const struct text_folder *folder, const UChar *source, int32_t count, struct buffer *out)
{
    UChar units[PIECE_ROOM];
    char text[PIECE_ROOM * 3];
    int32_t size = count, limit = count, bytes = 0;
    UErrorCode code = U_ZERO_ERROR;

    u_memcpy(units, source, count);
    utrans_transUChars(folder->transliterator, units, &size, PIECE_ROOM, 0, &limit, &code);
    if (code == U_BUFFER_OVERFLOW_ERROR && count > 1) { /* in halves, then */
        int32_t half = count / 2;
        U16_SET_CP_START(source, 0, half);
        if (half == 0)
            return -EILSEQ;
        int r = fold_piece(folder, source, half, out);
        return r < 0 ? r : fold_piece(folder, source + half, count - half, out);
    }
    if (U_SUCCESS(code))
        u_strToUTF8(text, (int32_t)sizeof(text), &bytes, units, size, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    buffer_add(out, text, (size_t)bytes);
    return 0;
}

static int fold_ascii(struct arena *arena, const char *text, char **ret_folded)
{
    char *folded = arena_copy(arena, text);
    if (!folded)
        return -ENOMEM;
    for (char *c = folded; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    *ret_folded = folded;
    return 0;
}

int text_fold(struct text_folder *folder, struct arena *arena, const char *text, char **ret_folded)
{
    struct buffer out = { 0 };
    UChar *units;
    int32_t count;

    if (text_is_ascii(text, strlen(text)))
        return fold_ascii(arena, text, ret_folded);
    int r = open_transliterator(folder);
    if (r == 0)
        r = to_utf16(arena, text, strlen(text), &units, &count);
    for (int32_t start = 0; r == 0 && start < count;) {
        int32_t end = piece_end(units, count, start);
        r = fold_piece(folder, units + start, end - start, &out);
        start = end;
    }
    if (r == 0)
        r = buffer_check(&out);
    char *folded = r == 0 ? arena_copy(arena, buffer_string(&out)) : NULL;
    buffer_done(&out);
    if (r == 0 && !folded)
        r = -ENOMEM;
    if (r < 0)
        return r;
    *ret_folded = folded;
    return 0;
}

int text_casefold(struct arena *arena, const char *text, char **ret_folded)
{
    UChar *units;
    int32_t count;
    int r = to_utf16(arena, text, strlen(text), &units, &count);
    if (r < 0)
        return r;

    int32_t room = count * 3 + 1; /* full case folding makes at most three characters of one */
    UChar *folded = arena_take(arena, (size_t)room * sizeof(*folded));
    if (!folded)
        return -ENOMEM;
    UErrorCode code = U_ZERO_ERROR;
    int32_t size = u_strFoldCase(folded, room, units, count, U_FOLD_CASE_DEFAULT, &code);
    if (U_FAILURE(code))
        return icu_error(code);
    return to_nfc(arena, folded, size, ret_folded);
}

int text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;
    bool over = false;

    if (!*text)
        return -EINVAL;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9')
            return -EINVAL;
        int digit = *p - '0';
        if (number > (INT64_MAX - digit) / 10)
            over = true;
        else
            number = number * 10 + digit;
    }
    if (over || number < min || number > max)
        return -ERANGE;
    *ret_number = number;
    return 0;
}

bool text_is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

int text_quality(const char *text, size_t size)
{
    if (size == 0 || size > 5 || (text[0] != '0' && text[0] != '1') || (size > 1 && text[1] != '.'))
        return -1;
    int quality = (text[0] - '0') * 1000, worth = 100;
    for (size_t i = 2; i < size; i++, worth /= 10) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        quality += (text[i] - '0') * worth;
    }
    return quality <= 1000 ? quality : -1;
}
