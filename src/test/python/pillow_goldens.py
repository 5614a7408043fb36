"""Writes what Pillow makes of random images, for ImageResizeTest: src/test/resources/dev/itprompt/data/pillow-resize.bin.

Run from the project's root with Python 3 and Pillow. The images come from a linear congruential generator that the test
repeats, so that only results are stored. All numbers are big-endian:

    number of cases; then for each: seed, channels (3 or 4), width, height, filter (0 box, 1 bilinear, 2 bicubic, 3 Lanczos),
    new width, new height as 32-bit integers, and the bytes of the result, channels interleaved.

A filter of 100 + f means: shorter side to 'new width' with filter f, then centre crop to 'new height' squared.
"""

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


def main():
    chance = random.Random(20240807)
    cases = []
    for number in range(64):
        width, height = chance.randint(1, 70), chance.randint(1, 70)
        new_width, new_height = chance.randint(1, 36), chance.randint(1, 36)
        channels = 4 if number % 8 == 7 else 3
        kind = number % 4 if channels == 3 else chance.randrange(4)
        if number % 8 == 6:
            width, height = chance.randint(8, 70), chance.randint(8, 70)
            kind, new_width = 100 + chance.choice([1, 2]), chance.randint(8, 30)
            new_height = chance.randint(4, new_width)
        if number in (16, 17):
            new_width = width
        if number in (20, 21):
            new_height = height
        cases.append((number + 1, channels, width, height, kind, new_width, new_height))
    with open(OUTPUT, "wb") as out:
        out.write(struct.pack(">i", len(cases)))
        for case in cases:
            seed, channels, width, height, kind, new_width, new_height = case
            picture = image(seed, channels, width, height)
            if kind >= 100:
                result = preprocess(picture, new_width, new_height, FILTERS[kind - 100])
            else:
                result = picture.resize((new_width, new_height), FILTERS[kind])
            out.write(struct.pack(">7i", *case))
            out.write(result.tobytes())


if __name__ == "__main__":
    main()
