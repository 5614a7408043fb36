"""Writes GIF, TIFF, BMP and WebP files and what Pillow decodes them to, for ImageFormatsTest:
src/test/resources/dev/itprompt/data/pillow-formats.bin.gz.

Run from the project's root with Python 3 and Pillow 11.1; with the argument --check the file is compared with what the
installed Pillow makes of the same image files instead. All numbers are big-endian:

    number of cases; then for each: name (16-bit length, ASCII), length of the image file, the file, width, height as 32-bit
    integers, the bytes of Image.open(file).convert("RGB") and those of the alpha channel of convert("RGBA"). Files that are
    to be refused have 0 for width and height and no bytes after them.
"""

import gzip
import io
import random
import struct
import sys
import zlib

from PIL import Image

from decode_goldens import picture

OUTPUT = "src/test/resources/dev/itprompt/data/pillow-formats.bin.gz"
WIDTH, HEIGHT = 13, 9


def noise(seed, channels, bits, width=WIDTH, height=HEIGHT):
    """A function of x and y that gives the random samples of a pixel."""
    chance = random.Random(seed)
    values = [[[chance.randrange(1 << bits) for _ in range(channels)] for _ in range(width)] for _ in range(height)]
    return lambda x, y: values[y][x]


# --- GIF -----------------------------------------------------------------------------------------------------------------


def gif_codes(indices, bits):
    """Compressed, in blocks."""
    clear = 1 << bits
    width, following = bits + 1, clear + 2
    codes, table, current = [(clear, width)], {bytes([i]): i for i in range(clear)}, b""
    for value in indices:
        longer = current + bytes([value])
        if longer in table:
            current = longer
            continue
        codes.append((table[current], width))
        if following < 4096:
            table[longer] = following
            if following == 1 << width and width < 12:
                width += 1
            following += 1
        current = bytes([value])
    codes += [(table[current], width), (clear + 1, width)]
    packed = at = 0
    for code, size in codes:
        packed |= code << at
        at += size
    data = packed.to_bytes((at + 7) // 8, "little")
    return b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"


def gif(screen, frame, colours, palette=None, own=None, background=0, transparent=None, disposal=0, interlaced=False, indices=None):
    """One frame of random indices; palettes are bytes."""
    def flag(colours_there):
        return 0x80 | (len(colours_there) // 3).bit_length() - 2 if colours_there else 0

    left, top, width, height = frame
    bits = max(2, (colours - 1).bit_length())
    indices = indices or bytes(v for y in range(height) for x in range(width) for v in noise(5, 1, 8, width, height)(x, y))
    rows = [bytes(v % colours for v in indices[y * width:(y + 1) * width]) for y in range(height)]
    if interlaced:
        rows = [rows[y] for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, height, step)]
    file = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x70 | flag(palette), background, 0) + (palette or b"")
    if transparent is not None or disposal:
        file += b"\x21\xf9\x04" + struct.pack("<BHBB", disposal << 2 | (transparent is not None), 0, transparent or 0, 0)
    file += b"," + struct.pack("<HHHHB", *frame, flag(own) | 0x40 * interlaced) + (own or b"") + bytes([bits])
    return file + gif_codes(b"".join(rows) or b"\0", bits) + b";"


def gifs():
    four, other = random.Random(1).randbytes(12), random.Random(2).randbytes(12)
    whole, part = (0, 0, WIDTH, HEIGHT), (4, 3, 9, 7)
    for bits in (1, 2, 4, 8):
        yield f"GIF {bits} bits", gif((WIDTH, HEIGHT), whole, 1 << bits, random.Random(bits).randbytes(3 << bits))
    yield "GIF interlaced", gif((WIDTH, HEIGHT), whole, 4, four, interlaced=True)
    yield "GIF many codes", gif((90, 70), (0, 0, 90, 70), 16, random.Random(3).randbytes(48))
    for transparent in (None, 0, 3):
        for background in (0, 2, 9):
            yield (f"GIF part of the canvas, background {background}, transparent {transparent}",
                   gif((20, 16), part, 4, four, background=background, transparent=transparent))
    yield "GIF own palette", gif((20, 16), part, 4, four, own=other, background=2)
    yield "GIF own palette only", gif((20, 16), part, 4, own=other, transparent=2)
    yield "GIF without palette", gif((20, 16), part, 256)
    yield "GIF frame beyond the canvas", gif((10, 8), part, 4, four)
    yield "GIF canvas of nothing", gif((0, 0), (0, 0, 9, 7), 4, four)
    yield "GIF index beyond the palette", gif((WIDTH, HEIGHT), whole, 16, four)
    for disposal in (1, 2, 3):
        yield f"GIF disposal {disposal}", gif((20, 16), part, 4, four, disposal=disposal, transparent=1)
    frames = [picture(seed, 3, 21, 17).quantize(8) for seed in (1, 2)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=b"two frames")
    yield "GIF animated", out.getvalue()
    yield "GIF frame of nothing: refused", gif((9, 7), (0, 0, 9, 0), 4, four, indices=b"\0")
    yield "GIF too few indices: refused", gif((9, 7), (0, 0, 9, 7), 4, four, indices=bytes(9 * 5))


# --- TIFF ----------------------------------------------------------------------------------------------------------------


def packbits(data):
    """Without any run."""
    return b"".join(bytes([len(data[i:i + 128]) - 1]) + data[i:i + 128] for i in range(0, len(data), 128))


COMPRESS = {1: lambda data: data, 8: lambda data: zlib.compress(data, 9), 32946: lambda data: zlib.compress(data, 9), 32773: packbits}


def tiff(samples, bits, kind, values, order="<", planar=False, tile=None, rows=None, compression=1, predictor=1, fill=1, **tags):
    """Any kind of TIFF; values is a function of x, y; further tags are named t<number>, as (type, numbers), None to leave out."""
    letter = {8: "B", 16: "H", 32: "I"}

    def pack(numbers):
        if bits in letter:
            return struct.pack(f"{order}{len(numbers)}{'f' if tags.get('t339') == (3, [3]) else letter[bits]}", *numbers)
        text = "".join(f"{value:0{bits}b}" for value in numbers)
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def row(xs, y, plane):
        pixels = [values(min(x, WIDTH - 1), min(y, HEIGHT - 1)) for x in xs]
        pixels = pixels if plane is None else [[pixel[plane]] for pixel in pixels]
        if predictor == 2:
            pixels = pixels[:1] + [[(a - b) % (1 << bits) for a, b in zip(*two)] for two in zip(pixels[1:], pixels)]
        return pack([value for pixel in pixels for value in pixel])

    chunks = []
    for plane in range(samples) if planar else [None]:
        if tile:
            chunks += [b"".join(row(range(x, x + tile), y, plane) for y in range(top, top + tile))
                       for top in range(0, HEIGHT, tile) for x in range(0, WIDTH, tile)]
        else:
            chunks += [b"".join(row(range(WIDTH), y, plane) for y in range(top, min(HEIGHT, top + (rows or HEIGHT))))
                       for top in range(0, HEIGHT, rows or HEIGHT)]
    chunks = [COMPRESS[compression](chunk) for chunk in chunks]
    if fill == 2:
        chunks = [bytes(int(f"{byte:08b}"[::-1], 2) for byte in chunk) for chunk in chunks]
    entries = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 258: (3, [bits] * samples), 259: (3, [compression]), 262: (3, [kind]),
               277: (3, [samples]), 284: (3, [2 if planar else 1])}
    if fill != 1:
        entries[266] = (3, [fill])
    if predictor != 1:
        entries[317] = (3, [predictor])
    sizes = [len(chunk) for chunk in chunks]
    if tile:
        entries.update({322: (3, [tile]), 323: (3, [tile]), 324: (4, [0] * len(chunks)), 325: (4, sizes)})
    else:
        entries.update({273: (4, [0] * len(chunks)), 278: (4, [rows or HEIGHT]), 279: (4, sizes)})
    entries.update({int(name[1:]): entry for name, entry in tags.items()})
    entries = {tag: entry for tag, entry in sorted(entries.items()) if entry}
    codes = {1: "B", 3: "H", 4: "I", 7: "B"}
    length = {tag: struct.calcsize(f"{len(numbers)}{codes[kind]}") for tag, (kind, numbers) in entries.items()}
    end = 8 + 2 + 12 * len(entries) + 4
    start = end + sum(n + n % 2 for n in length.values() if n > 4)
    offsets = [start + sum(sizes[:i]) for i in range(len(chunks))]
    for tag in (273, 324):
        if tag in entries:
            entries[tag] = (4, offsets)
    directory, more = struct.pack(f"{order}H", len(entries)), b""
    for tag, (kind, numbers) in entries.items():
        content = struct.pack(f"{order}{len(numbers)}{codes[kind]}", *numbers)
        directory += struct.pack(f"{order}HHI", tag, kind, len(numbers))
        if len(content) > 4:
            directory += struct.pack(f"{order}I", end + len(more))
            more += content + b"\0" * (len(content) % 2)
        else:
            directory += content.ljust(4, b"\0")
    return ({"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8) + directory + bytes(4) + more + b"".join(chunks))


def saved_tiff(mode, compression):
    image = picture(4, {"1": 1, "L": 1, "RGB": 3, "RGBA": 3, "YCbCr": 3, "CMYK": 4}[mode], 19, 11)
    if mode == "RGBA":
        image.putalpha(picture(5, 1, 19, 11))
    out = io.BytesIO()
    image.convert(mode).save(out, "TIFF", compression=compression)
    return out.getvalue()


def tiffs():
    for order in "<>":
        name = "TIFF" if order == "<" else "TIFF big-endian"
        yield f"{name} RGB 8 bits", tiff(3, 8, 2, noise(1, 3, 8), order)
        yield f"{name} RGB 16 bits", tiff(3, 16, 2, noise(1, 3, 16), order)
        yield f"{name} gray 16 bits", tiff(1, 16, 1, noise(1, 1, 9), order)
        yield f"{name} RGBA 16 bits", tiff(4, 16, 2, noise(1, 4, 16), order, t338=(3, [2]))
        yield f"{name} CMYK 16 bits", tiff(4, 16, 5, noise(1, 4, 16), order)
    for bits in (1, 2, 4, 8):
        yield f"TIFF gray {bits} bits", tiff(1, bits, 1, noise(2, 1, bits))
        yield f"TIFF white is zero {bits} bits", tiff(1, bits, 0, noise(2, 1, bits))
        colours = (3, [random.Random(bits + i).randrange(1 << 16) for i in range(3 << bits)])
        yield f"TIFF palette {bits} bits", tiff(1, bits, 3, noise(3, 1, bits), t320=colours)
    yield "TIFF gray alpha", tiff(2, 8, 1, noise(4, 2, 8), t338=(3, [2]))
    for extra in (None, 0, 1, 2):
        yield f"TIFF fourth sample {extra}", tiff(4, 8, 2, noise(4, 4, 8), t338=(3, [extra]) if extra is not None else None)
    yield "TIFF CMYK", tiff(4, 8, 5, noise(5, 4, 8))
    yield "TIFF CMYK in planes", tiff(4, 8, 5, noise(5, 4, 8), planar=True, compression=8)
    for compression in (1, 8, 32946, 32773):
        yield f"TIFF strips, compression {compression}", tiff(3, 8, 2, noise(6, 3, 8), rows=4, compression=compression)
        yield f"TIFF tiles, compression {compression}", tiff(3, 8, 2, noise(6, 3, 8), tile=16, compression=compression)
        yield f"TIFF planes, compression {compression}", tiff(3, 8, 2, noise(6, 3, 8), planar=True, rows=4, compression=compression)
    yield "TIFF tiles in planes", tiff(3, 8, 2, noise(6, 3, 8), planar=True, tile=16, compression=8)
    yield "TIFF tiles 1 bit", tiff(1, 1, 1, noise(6, 1, 1), tile=16)
    for bits in (8, 16):
        yield f"TIFF predictor {bits} bits", tiff(3, bits, 2, noise(7, 3, bits), compression=8, predictor=2)
    yield "TIFF predictor gray", tiff(1, 8, 1, noise(7, 1, 8), compression=8, predictor=2, rows=2)
    yield "TIFF predictor in planes", tiff(3, 8, 2, noise(7, 3, 8), compression=8, predictor=2, planar=True)
    yield "TIFF predictor tiles", tiff(4, 8, 2, noise(7, 4, 8), compression=8, predictor=2, tile=16, t338=(3, [2]))
    yield "TIFF bits reversed", tiff(1, 1, 1, noise(8, 1, 1), fill=2)
    for orientation in range(2, 9):
        yield f"TIFF orientation {orientation}", tiff(3, 8, 2, noise(9, 3, 8), t274=(3, [orientation]))
    yield "TIFF orientation with alpha", tiff(4, 8, 2, noise(9, 4, 8), compression=8, t274=(3, [6]), t338=(3, [2]))
    yield "TIFF without rows per strip", tiff(3, 8, 2, noise(9, 3, 8), t278=None)
    yield "TIFF with a broken profile", tiff(3, 8, 2, noise(9, 3, 8), t34675=(7, [1, 2, 3, 4, 5]))
    yield "TIFF one number of bits", tiff(3, 8, 2, noise(9, 3, 8), t258=(3, [8]))
    for mode, compressions in {"1": ("group3", "group4", "tiff_ccitt", "tiff_lzw"), "L": ("tiff_lzw", "jpeg", "packbits"),
                               "RGB": ("tiff_lzw", "jpeg"), "RGBA": ("tiff_lzw",), "YCbCr": ("jpeg",), "CMYK": ("tiff_lzw",)}.items():
        for compression in compressions:
            yield f"TIFF {mode} {compression}", saved_tiff(mode, compression)
    yield "TIFF float: refused", tiff(1, 32, 1, lambda x, y: [x / 13], t339=(3, [3]))
    yield "TIFF not a number: refused", tiff(1, 32, 1, lambda x, y: [float("nan")], t339=(3, [3]))
    yield "TIFF signed: refused", tiff(1, 16, 1, noise(10, 1, 15), t339=(3, [2]))
    yield "TIFF 32 bits: refused", tiff(1, 32, 1, noise(10, 1, 32))
    yield "TIFF CIE Lab: refused", tiff(3, 8, 8, noise(10, 3, 8))
    yield "TIFF YCbCr: refused", saved_tiff("YCbCr", "tiff_lzw")
    yield "TIFF CMYK as JPEG: refused", saved_tiff("CMYK", "jpeg")
    yield "TIFF 16 bits in planes: refused", tiff(3, 16, 2, noise(10, 3, 16), planar=True)
    yield "TIFF mask: refused", tiff(1, 1, 4, noise(10, 1, 1))
    yield "TIFF palette of 16 bits: refused", tiff(1, 16, 3, noise(10, 1, 8), t320=(3, [0] * 768))
    yield "TIFF short palette: refused", tiff(1, 8, 3, noise(10, 1, 8), t320=(3, [0] * 60))
    yield "TIFF five samples: refused", tiff(5, 8, 2, noise(10, 5, 8), t338=(3, [0, 2]))
    yield "TIFF unequal bits: refused", tiff(3, 8, 2, noise(10, 3, 8), t258=(3, [8, 8, 4]))
    yield "TIFF unknown compression: refused", tiff(3, 8, 2, noise(10, 3, 8), t259=(3, [50000]))
    yield "TIFF predictor 3: refused", tiff(3, 8, 2, noise(10, 3, 8), compression=8, t317=(3, [3]))
    yield "TIFF no kind of colours: refused", tiff(3, 8, 2, noise(10, 3, 8), t262=None)
    yield "TIFF strip beyond the file: refused", tiff(3, 8, 2, noise(10, 3, 8), t279=(4, [788529164]), compression=8)
    yield "TIFF strip too short: refused", tiff(3, 8, 2, noise(10, 3, 8), t279=(4, [200]), compression=8)


# --- BMP -----------------------------------------------------------------------------------------------------------------


def bmp(bits, compression=0, palette=b"", masks=(), header=40, top_down=False):
    data = random.Random(bits).randbytes((WIDTH * bits + 31) // 32 * 4 * HEIGHT)
    fields = struct.pack(f"<{len(masks)}I", *masks)
    if header == 12:
        head = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, WIDTH, -HEIGHT if top_down else HEIGHT, 1, bits, compression, len(data), 0, 0,
                           len(palette) // 4, 0)
        if header > 40:
            head, fields = (head + fields).ljust(header, b"\0"), b""
    offset = 14 + len(head) + len(fields) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + head + fields + palette + data


def bmps():
    for bits in (1, 4, 8):
        colours = b"".join(random.Random(i).randbytes(3) + b"\0" for i in range(1 << bits))
        yield f"BMP palette {bits} bits", bmp(bits, palette=colours)
        yield f"BMP palette {bits} bits, top down", bmp(bits, palette=colours, top_down=True)
        yield f"BMP OS/2 {bits} bits", bmp(bits, palette=random.Random(bits).randbytes(3 << bits), header=12)
    for bits in (16, 24, 32):
        yield f"BMP {bits} bits", bmp(bits)
    yield "BMP 5-6-5 bits", bmp(16, 3, masks=(0xF800, 0x7E0, 0x1F))
    yield "BMP 8-8-8 bits", bmp(32, 3, masks=(0xFF000000, 0xFF0000, 0xFF00))
    yield "BMP version 4 with alpha", bmp(32, 3, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108)
    yield "BMP version 5", bmp(24, header=124)
    yield "BMP runs: refused", bmp(8, 1, palette=bytes(1024))


# --- WebP ----------------------------------------------------------------------------------------------------------------


def webp(image, **options):
    out = io.BytesIO()
    image.save(out, "WEBP", **options)
    return out.getvalue()


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks):
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP" + b"".join(chunks)


def extended(flags, width, height):
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3])


def bare(file):
    """The chunks after the file's header, and after the extended header if there is one."""
    return file[30:] if file[12:16] == b"VP8X" else file[12:]


def shown(width, height, *options):
    """A frame at an even place."""
    left, top, content = options
    place = b"".join(struct.pack("<I", n)[:3] for n in (left // 2, top // 2, width - 1, height - 1, 100))
    return chunk(b"ANMF", place + b"\2" + content)


def transparent(width, height):
    image = picture(1, 3, width, height)
    image.putalpha(picture(7, 1, width, height))
    return image


def webps():
    for width, height in ((1, 1), (2, 3), (16, 16), (33, 18)):
        yield f"WebP lossless {width}x{height}", webp(picture(1, 3, width, height), lossless=True)
        yield f"WebP lossless with alpha {width}x{height}", webp(transparent(width, height), lossless=True, exact=True)
    yield "WebP lossless, few colours", webp(picture(1, 3, 40, 30).quantize(5).convert("RGB"), lossless=True)
    yield "WebP lossless, one colour", webp(Image.new("RGB", (300, 200), (200, 30, 90)), lossless=True)
    for quality in (20, 75, 95):
        yield f"WebP lossy, quality {quality}", webp(picture(1, 3, 48, 32), quality=quality)
    yield "WebP lossy, smooth", webp(Image.linear_gradient("L").resize((60, 40)).convert("RGB"), quality=75)
    for width, height in ((1, 1), (2, 3), (33, 18)):
        for quality in (100, 40):
            yield f"WebP lossy with alpha {width}x{height}, alpha {quality}", webp(transparent(width, height), alpha_quality=quality)
    raw = bytes([0]) + bytes(random.Random(1).randrange(256) for _ in range(13 * 9))
    still = webp(picture(1, 3, 13, 9), quality=75)
    for method in range(4):
        stored = bytes([method << 2]) + raw[1:]
        yield f"WebP lossy with alpha stored, method {method}", riff(extended(0x10, 13, 9), chunk(b"ALPH", stored), bare(still))
    lossless = webp(picture(1, 3, 13, 9), lossless=True)
    yield "WebP lossless with profile", riff(extended(0x20, 13, 9), chunk(b"ICCP", b"none"), bare(lossless))
    yield "WebP lossless with EXIF", riff(extended(0x08, 13, 9), bare(lossless), chunk(b"EXIF", b"MM\0*none"))
    animation = chunk(b"ANIM", struct.pack("<IH", 0xFF00FF00, 0))
    yield "WebP lossless, animated", riff(extended(0x12, 13, 9), animation, shown(13, 9, 0, 0, bare(lossless)), shown(13, 9, 0, 0, bare(lossless)))
    yield "WebP lossless, part of the canvas", riff(extended(0x12, 20, 16), animation, shown(13, 9, 4, 6, bare(lossless)))
    yield "WebP frame beyond the canvas: refused", riff(extended(0x12, 14, 16), animation, shown(13, 9, 4, 6, bare(lossless)))
    yield "WebP other sizes: refused", riff(extended(0, 14, 9), bare(lossless))
    yield "WebP without picture: refused", riff(extended(0, 13, 9))


def cases():
    yield from gifs()
    yield from tiffs()
    yield from bmps()
    yield from webps()


def decoded(file):
    image = Image.open(io.BytesIO(file))
    colours = image.convert("RGB")
    return struct.pack(">2i", *colours.size) + colours.tobytes() + image.convert("RGBA").getchannel("A").tobytes()


def check():
    with gzip.open(OUTPUT) as golden:
        for _ in range(struct.unpack(">i", golden.read(4))[0]):
            name = golden.read(struct.unpack(">H", golden.read(2))[0]).decode()
            file = golden.read(struct.unpack(">i", golden.read(4))[0])
            size = golden.read(8)
            width, height = struct.unpack(">2i", size)
            expected = size + golden.read(4 * width * height)
            if name.endswith("refused"):
                continue
            try:
                actual = "equal" if decoded(file) == expected else "DIFFERENT"
            except (OSError, ValueError) as problem:
                actual = f"not read ({problem})"
            print(actual, name)


def main():
    every = list(cases())
    content = io.BytesIO(struct.pack(">i", len(every)))
    content.seek(4)
    for name, file in every:
        result = struct.pack(">2i", 0, 0) if name.endswith("refused") else decoded(file)
        content.write(struct.pack(">H", len(name)) + name.encode() + struct.pack(">i", len(file)) + file + result)
    with open(OUTPUT, "wb") as out:
        out.write(gzip.compress(content.getvalue(), mtime=0))


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else main()
