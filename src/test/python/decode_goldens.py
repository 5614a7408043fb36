"""Writes image files and what Pillow decodes them to, for ImageDecoderParityTest:
src/test/resources/dev/itprompt/data/pillow-decode.bin.

Run from the project's root with Python 3 and Pillow 12.3; with the argument --check the file is compared with what the
installed Pillow (9.4 does) makes of the same image files instead. All numbers are big-endian:

    number of cases; then for each: name (16-bit length, ASCII), length of the image file, the file, width, height as 32-bit
    integers and the bytes of Image.open(file).convert("RGB").
"""

import io
import random
import struct
import sys
import zlib

from PIL import Image, ImageCms

OUTPUT = "src/test/resources/dev/itprompt/data/pillow-decode.bin"
WIDTH, HEIGHT = 29, 21


def picture(seed, channels, width=WIDTH, height=HEIGHT):
    """Slopes, an edge and noise: smooth parts for the upsampling of colours, extremes for clipping."""
    chance = random.Random(seed)
    values = bytearray()
    for y in range(height):
        for x in range(width):
            for channel in range(channels):
                slope = 255 * (x * (channel + 1) + y * (3 - channel)) // (4 * (width + height))
                edge = 255 * ((x // 5 + y // 7 + channel) % 2)
                value = chance.choice((slope, slope, edge)) if y > height // 2 else slope if x < width // 2 else edge
                values.append(min(255, max(0, value + chance.randint(-9, 9))))
    return Image.frombytes({1: "L", 3: "RGB", 4: "CMYK"}[channels], (width, height), bytes(values))


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 90, **options})
    return out.getvalue()


def without_jfif(file):
    """Takes out the first segment, APP0."""
    assert file[2:4] == b"\xff\xe0"
    return file[:2] + file[4 + struct.unpack(">H", file[4:6])[0]:]


def with_adobe(file, transform):
    """Puts Adobe's segment, APP14, first."""
    return file[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform]) + file[2:]


def frame(file):
    """Where the frame header's components start."""
    return max(file.find(b"\xff\xc0"), file.find(b"\xff\xc2")) + 10


def named(file, names):
    """Renames the components, in the frame and in the scan of a baseline file."""
    file = bytearray(file)
    scan = file.find(b"\xff\xda") + 5
    for i, name in enumerate(names):
        file[frame(file) + 3 * i] = name
        file[scan + 2 * i] = name
    return bytes(file)


def jpegs():
    for progressive in (False, True):
        kind = "progressive" if progressive else "baseline"
        for sampling in (0, 1, 2):
            name = ("4:4:4", "4:2:2", "4:2:0")[sampling]
            for quality in (30, 96):
                yield (f"{kind} {name} quality {quality}",
                       jpeg(picture(1, 3), quality=quality, subsampling=sampling, progressive=progressive))
            yield (f"{kind} {name} CMYK", jpeg(picture(2, 4), subsampling=sampling, progressive=progressive))
        yield f"{kind} gray", jpeg(picture(3, 1), progressive=progressive)
    for width, height in ((1, 1), (2, 3), (3, 2), (4, 5), (5, 1), (1, 17), (16, 16), (33, 18)):
        for sampling in (1, 2):
            yield f"{width}x{height} sampling {sampling}", jpeg(picture(4, 3, width, height), subsampling=sampling)
    yield "restart markers", jpeg(picture(5, 3), subsampling=2, restart_marker_blocks=1)
    orientation = Image.Exif()
    orientation[0x0112] = 6
    yield "EXIF orientation", jpeg(picture(6, 3), exif=orientation)
    yield "EXIF without JFIF", without_jfif(jpeg(picture(6, 3), subsampling=0, exif=orientation))
    wide = bytearray(jpeg(picture(10, 3, 32, 32), subsampling=2))
    wide[frame(wide) + 1] = 0x41
    yield "4:1:1", bytes(wide)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    undated = srgb[:24] + bytes(12) + srgb[36:]
    for name, profile in (("sRGB", undated), ("broken", b"none")):
        for channels in (1, 3, 4):
            yield f"{name} profile, {channels} channels", jpeg(picture(12, channels), icc_profile=profile)
        compressed = b"name\0\0" + zlib.compress(profile)
        yield f"PNG with {name} profile", png(9, 7, 2, 8, lambda x, y: (20 * x, 30 * y, 90), iCCP=compressed)
    for sampling in (0, 2):
        plain = without_jfif(jpeg(picture(7, 3), subsampling=sampling))
        yield f"no marker, sampling {sampling}", plain
        yield f"Adobe transform 0, sampling {sampling}", with_adobe(plain, 0)
        yield f"Adobe transform 1, sampling {sampling}", with_adobe(plain, 1)
        yield f"components named RGB, sampling {sampling}", named(plain, b"RGB")
        yield f"components named abc, sampling {sampling}", named(plain, b"abc")
        yield f"JFIF wins over Adobe, sampling {sampling}", with_adobe(jpeg(picture(8, 3), subsampling=sampling), 0)
        inks = jpeg(picture(9, 4), subsampling=sampling)
        at = inks.find(b"Adobe") + 11
        yield f"YCCK, sampling {sampling}", inks[:at] + b"\x02" + inks[at + 1:]
        yield f"CMYK without Adobe, sampling {sampling}", inks.replace(b"Adobe", b"Other")


def png(width, height, kind, depth, samples, interlaced=False, **chunks):
    """Any kind of PNG; samples is a function of x, y that gives the values of a pixel."""
    def rows(xs, ys):
        for y in ys if xs else ():
            bits = "".join(f"{value:0{depth}b}" for x in xs for value in samples(x, y))
            bits += "0" * (-len(bits) % 8)
            yield b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    data = b"".join(row for left, top, right, down in (passes if interlaced else [(0, 0, 1, 1)])
                    for row in rows(range(left, width, right), range(top, height, down)))
    parts = {"IHDR": struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced), **chunks,
             "IDAT": zlib.compress(data, 9), "IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name.encode() + body + struct.pack(">I", zlib.crc32(name.encode() + body))
        for name, body in parts.items())


def pngs():
    chance = random.Random(11)
    width, height = 13, 9
    kinds = {"gray": (0, 1, (1, 2, 4, 8, 16)), "RGB": (2, 3, (8, 16)), "palette": (3, 1, (1, 2, 4, 8)),
             "gray alpha": (4, 2, (8, 16)), "RGBA": (6, 4, (8, 16))}
    for name, (kind, channels, depths) in kinds.items():
        for depth in depths:
            values = [[[chance.randrange(1 << depth) for _ in range(channels)] for _ in range(width)] for _ in range(height)]
            if name == "gray" and depth == 16:
                values = [[[v >> chance.randrange(12)] for v, in row] for row in values]
            colours = {"PLTE": chance.randbytes(3 << depth)} if name == "palette" else {}
            transparent = {"gray": b"\0\1" if depth < 16 else None, "RGB": bytes(6), "palette": chance.randbytes(2)}.get(name)
            for interlaced in (False, True):
                for clear in (False, True) if transparent else (False,):
                    more = {**colours, "tRNS": transparent} if clear else colours
                    title = f"PNG {name} {depth} bits" + ", interlaced" * interlaced + ", tRNS" * clear
                    yield title, png(width, height, kind, depth, lambda x, y: values[y][x], interlaced, **more)
    yield "PNG with gamma", png(width, height, 2, 8, lambda x, y: (9 * x, 9 * y, 200), gAMA=struct.pack(">I", 100000))


def cases():
    yield from jpegs()
    yield from pngs()


def decoded(file):
    image = Image.open(io.BytesIO(file)).convert("RGB")
    return struct.pack(">2i", *image.size) + image.tobytes()


def check():
    with open(OUTPUT, "rb") as golden:
        for _ in range(struct.unpack(">i", golden.read(4))[0]):
            name = golden.read(struct.unpack(">H", golden.read(2))[0]).decode()
            actual = decoded(golden.read(struct.unpack(">i", golden.read(4))[0]))
            print("equal" if golden.read(len(actual)) == actual else "DIFFERENT", name)


def main():
    every = list(cases())
    with open(OUTPUT, "wb") as out:
        out.write(struct.pack(">i", len(every)))
        for name, file in every:
            out.write(struct.pack(">H", len(name)) + name.encode() + struct.pack(">i", len(file)) + file + decoded(file))


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else main()
