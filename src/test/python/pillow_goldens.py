"""Writes what Pillow makes of random images, for ImageResizeTest: src/test/resources/dev/itprompt/data/pillow-resize.bin.

Run from the project's root with Python 3 and Pillow; Pillow 9.4 and 12.3 write the same file. The images come from a
linear congruential generator that the test repeats, so that only results are stored. All numbers are big-endian:

    number of cases; then for each: seed, channels (3 or 4), width, height, filter (0 box, 1 bilinear, 2 bicubic, 3 Lanczos),
    new width, new height as 32-bit integers, and the bytes of the result, channels interleaved; of a result longer than
    4096 bytes the SHA-256.

A filter of 100 + f means: shorter side to 'new width' with filter f, then centre crop to 'new height' squared.
"""

import hashlib
import random
import struct

from PIL import Image

OUTPUT = "src/test/resources/dev/itprompt/data/pillow-resize.bin"
FILTERS = [Image.BOX, Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]


def image(seed, channels, width, height):
    """A third of the values are extreme, so that overshoot and clipping happen."""
    state = seed
    values = bytearray()
    for _ in range(channels * width * height):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        value = state >> 16 & 0x3FF
        values.append(0 if value < 170 else 255 if value < 340 else value & 0xFF)
    return Image.frombytes("RGB" if channels == 3 else "RGBA", (width, height), bytes(values))


def preprocess(picture, shorter, side, resample):
    """As torchvision's Resize and CenterCrop."""
    width, height = picture.size
    short, long = min(width, height), max(width, height)
    other = int(shorter * long / short)
    picture = picture.resize((shorter, other) if width <= height else (other, shorter), resample)
    left = int(round((picture.size[0] - side) / 2.0))
    top = int(round((picture.size[1] - side) / 2.0))
    return picture.crop((left, top, left + side, top + side))


def small_cases(chance):
    """Sizes of up to 70 pixels: every filter, both ways, with and without alpha, one side kept, shorter side and crop."""
    for number in range(192):
        width, height = chance.randint(1, 70), chance.randint(1, 70)
        new_width, new_height = chance.randint(1, 36), chance.randint(1, 36)
        channels = 4 if number % 8 == 7 else 3
        kind = number % 4 if channels == 3 else chance.randrange(4)
        if number % 8 == 6:
            width, height = chance.randint(8, 70), chance.randint(8, 70)
            kind, new_width = 100 + chance.choice([1, 2]), chance.randint(8, 30)
            new_height = chance.randint(4, new_width)
        if number % 16 == 0:
            new_width = width
        if number % 16 == 4:
            new_height = height
        yield channels, width, height, kind, new_width, new_height


def special_cases():
    """Single pixels, lines, extreme aspect ratios, and what training and evaluation do to photographs."""
    for kind in range(4):
        yield 3, 1, 1, kind, 9, 5
        yield 4, 1, 1, kind, 5, 9
        yield 3, 61, 47, kind, 1, 1
        yield 3, 1, 900, kind, 7, 11
        yield 4, 1200, 2, kind, 17, 3
        yield 3, 2, 3, kind, 300, 4
        yield 3, 500, 375, kind, 224, 224
    for kind in (101, 102):
        for width, height in ((500, 375), (375, 500), (333, 250), (256, 256), (32, 32), (224, 301), (1280, 257), (3, 40)):
            yield 3, width, height, kind, 224, 224
            yield 3, width, height, kind, 256, 224


def main():
    cases = [*small_cases(random.Random(20240807)), *special_cases()]
    with open(OUTPUT, "wb") as out:
        out.write(struct.pack(">i", len(cases)))
        for seed, (channels, width, height, kind, new_width, new_height) in enumerate(cases, 1):
            picture = image(seed, channels, width, height)
            if kind >= 100:
                result = preprocess(picture, new_width, new_height, FILTERS[kind - 100]).tobytes()
            else:
                result = picture.resize((new_width, new_height), FILTERS[kind]).tobytes()
            out.write(struct.pack(">7i", seed, channels, width, height, kind, new_width, new_height))
            out.write(result if len(result) <= 4096 else hashlib.sha256(result).digest())


if __name__ == "__main__":
    main()
