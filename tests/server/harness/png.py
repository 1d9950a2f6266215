# SPDX-License-Identifier: EUPL-1.2
"""Pictures as bytes of grey, for a reader of QR codes."""
import struct
import zlib


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        yield name, data[at + 8:at + 8 + size]
        at += size + 12


def paeth(a, b, c):
    nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))
    return nearest[2]


def grey(data):
    """(width, height, a byte a pixel) of a PNG of 8-bit grey (ISO/IEC 15948)."""
    parts = list(chunks(data))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    assert (depth, colour, interlaced) == (8, 0, 0)
    raw = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    above, pixels = bytearray(width), bytearray()
    for y in range(height):
        line = raw[y * (width + 1):(y + 1) * (width + 1)]
        row = bytearray(line[1:])
        for x in range(width):
            left, corner = (row[x - 1], above[x - 1]) if x else (0, 0)
            row[x] = (row[x] + (0, left, above[x], (left + above[x]) // 2, paeth(left, above[x], corner))[line[0]]) & 255
        pixels += row
        above = row
    return width, height, bytes(pixels)
