"""Draws the images of Tests/Goldens/earlier: three classes of shapes, the same in another style, and photographs.

    python3 earlier-images.py FOLDER

Writes PNG with the standard library alone, so that the same bytes come out wherever zlib is the same; the files are in the
repository, and nothing depends on their being drawn again.
"""

import pathlib
import random
import struct
import sys
import zlib

SIDE = 16


def write_png(path, width, height, pixel):
    """Writes an image of 8-bit RGB; `pixel(x, y)` gives three numbers."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def shape(name, size, generator):
    """A shape of a random colour at a random place, as a function of the pixel."""
    ink = [generator.randrange(150, 256) for _ in range(3)]
    paper = [generator.randrange(0, 90) for _ in range(3)]
    middle = [size / 2 + generator.uniform(-2, 2) for _ in range(2)]
    radius = size * generator.uniform(0.25, 0.4)

    def inside(x, y):
        dx, dy = x + 0.5 - middle[0], y + 0.5 - middle[1]
        if name == "disc":
            return dx * dx + dy * dy < radius * radius
        if name == "cross":
            return min(abs(dx), abs(dy)) < radius / 3 and max(abs(dx), abs(dy)) < radius
        return abs(dx) < radius and int(y + middle[1]) % 4 < 2  # stripes

    return inside, ink, paper


def draw(path, name, size, generator, outlined=False):
    inside, ink, paper = shape(name, size, generator)

    def pixel(x, y):
        if not inside(x, y):
            return paper
        edge = not all(inside(x + dx, y + dy) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        return ink if edge or not outlined else paper

    write_png(path, size, size, pixel)


def main(folder):
    generator = random.Random(904)
    for name in ("cross", "disc", "stripes"):
        for number in range(16):
            draw(folder / "images" / "train" / name / f"{number}.png", name, SIDE, generator)
        for number in range(4):
            draw(folder / "images" / "test" / name / f"{number}.png", name, SIDE, generator)
        for number in range(12):
            draw(folder / "outlines" / name / f"{number}.png", name, SIDE, generator, outlined=True)
    # Of other sizes than those that the networks see, so that the steps which fit them are held as well.
    for number, (width, height) in enumerate(((24, 20), (17, 31), (16, 16), (40, 28))):
        phase = generator.uniform(0, 6)
        write_png(
            folder / "photos" / f"{number}.png", width, height,
            lambda x, y: [int(127 + 120 * ((x * (c + 1) + y * 2 + phase) % 7 - 3) / 4) for c in range(3)])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
