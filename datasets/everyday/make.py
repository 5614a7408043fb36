"""Draws five sets of pictures of different kinds: small and larger, few and many classes, drawn and photographed.

usage: python3 make.py SOURCES OUTPUT

SOURCES is what fetch.sh gathers: `files` (unpacked Debian packages with fonts, icon themes and patterns) and `emoji` (rendered emoji
with captions). Each set is OUTPUT/NAME/{train,test}/CLASS/*.png. Training and test pictures come from different artists' emoji,
different fonts, different icons and different places of a texture; drawn shapes are drawn anew. The same call draws the same bytes.
"""
import collections, colorsys, io, json, math, os, random, struct, sys
from PIL import Image, ImageDraw, ImageFont

SIDE = 64


LEARNED = set()
TESTS = []


def save(image, output, name, part, label, index):
    """Writes a training picture; test pictures wait for write_tests."""
    image = image.convert("RGB")
    if part == "train":
        LEARNED.add((name, image.tobytes()))
        write(image, output, name, part, label, index)
    else:
        TESTS.append((image, output, name, part, label, index))


def write_tests():
    """Writes the test pictures but those that are training pictures too, of whatever class."""
    for image, output, name, part, label, index in TESTS:
        if (name, image.tobytes()) not in LEARNED:
            write(image, output, name, part, label, index)


def write(image, output, name, part, label, index):
    folder = os.path.join(output, name, part, label)
    os.makedirs(folder, exist_ok=True)
    image.save(os.path.join(folder, f"{index:04d}.png"))


def color(rng, light=None):
    value = rng.uniform(0.75, 1) if light else rng.uniform(0.1, 0.55) if light is not None else rng.uniform(0.1, 1)
    return tuple(round(255 * c) for c in colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.1, 0.9), value))


def pair(rng):
    """A background and an ink that differ in lightness."""
    dark = rng.random() < 0.4
    return color(rng, not dark), color(rng, dark)


def on_background(picture, background, rng, smallest=0.6):
    """A transparent picture, turned and scaled a little, somewhere on a square of one color."""
    side = round(SIDE * rng.uniform(smallest, 0.95))
    picture = picture.convert("RGBA").resize((side, side), Image.BICUBIC).rotate(rng.uniform(-12, 12), Image.BICUBIC)
    square = Image.new("RGBA", (SIDE, SIDE), background + (255,))
    square.alpha_composite(picture, (rng.randint(0, SIDE - side), rng.randint(0, SIDE - side)))
    return square


# ---- drawn shapes ------------------------------------------------------------------------------------------------------------

def polygon(corners, inner=1.0):
    """Corners of a regular polygon, or of a star if every other one is nearer to the middle."""
    count = corners * (1 if inner == 1 else 2)
    return [(math.sin(2 * math.pi * i / count) * (1 if i % 2 == 0 else inner), -math.cos(2 * math.pi * i / count)
             * (1 if i % 2 == 0 else inner)) for i in range(count)]


SHAPES = {
    "circle": [(math.sin(t / 8), -math.cos(t / 8)) for t in range(51)],
    "ellipse": [(math.sin(t / 8), -0.5 * math.cos(t / 8)) for t in range(51)],
    "triangle": polygon(3),
    "square": [(-0.75, -0.75), (0.75, -0.75), (0.75, 0.75), (-0.75, 0.75)],
    "rectangle": [(-1, -0.45), (1, -0.45), (1, 0.45), (-1, 0.45)],
    "pentagon": polygon(5),
    "hexagon": polygon(6),
    "star": polygon(5, 0.42),
    "cross": [(-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3), (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3),
              (-1, -0.3), (-0.3, -0.3)],
    "arrow": [(-1, -0.25), (0.2, -0.25), (0.2, -0.7), (1, 0), (0.2, 0.7), (0.2, 0.25), (-1, 0.25)],
    "heart": [(math.sin(t / 10) ** 3, -(13 * math.cos(t / 10) - 5 * math.cos(t / 5) - 2 * math.cos(0.3 * t) - math.cos(0.4 * t)) / 17)
              for t in range(63)],
    "crescent": [(math.sin(t / 8), -math.cos(t / 8)) for t in range(26)] + [(0.45 * math.sin(t / 8), -math.cos(t / 8))
                                                                        for t in range(25, -1, -1)],
}


def shape(points, rng):
    background, ink = pair(rng)
    scale, turn, stretch = 4 * SIDE * rng.uniform(0.22, 0.42), rng.uniform(-0.5, 0.5), rng.uniform(0.85, 1.15)
    x0, y0 = (4 * SIDE * rng.uniform(0.42, 0.58) for _ in range(2))
    corners = [(x0 + scale * (stretch * x * math.cos(turn) - y * math.sin(turn)), y0 + scale * (stretch * x * math.sin(turn)
                + y * math.cos(turn))) for x, y in points]
    image = Image.new("RGB", (4 * SIDE, 4 * SIDE), background)
    draw = ImageDraw.Draw(image)
    if rng.random() < 0.5:
        draw.polygon(corners, fill=ink)
    else:
        draw.line(corners + corners[:2], fill=ink, width=round(4 * rng.uniform(2, 5)), joint="curve")
    image = image.resize((SIDE, SIDE), Image.BOX)
    noise = rng.uniform(0, 18)
    return Image.frombytes("RGB", image.size, bytes(max(0, min(255, round(v + rng.gauss(0, noise)))) for v in image.tobytes()))


def shapes(output):
    for label, points in SHAPES.items():
        for part, count in (("train", 40), ("test", 40)):
            for i in range(count):
                save(shape(points, random.Random(f"{label} {part} {i}")), output, "shapes", part, label, i)


# ---- glyphs ------------------------------------------------------------------------------------------------------------------

NAMES = {c: f"digit {n}" for c, n in zip("0123456789", "zero one two three four five six seven eight nine".split())}
NAMES.update({c: f"letter {c}" for c in "ABEFGHKLMNQRTY"})


def glyph(font, char, rng):
    background, ink = pair(rng)
    box = font.getbbox(char)
    mask = Image.new("L", (max(1, box[2] - box[0]), max(1, box[3] - box[1])))
    ImageDraw.Draw(mask).text((-box[0], -box[1]), char, font=font, fill=255)
    square = Image.new("L", (max(mask.size),) * 2)
    square.paste(mask, ((square.width - mask.width) // 2, (square.height - mask.height) // 2))
    picture = Image.new("RGBA", square.size, ink + (0,))
    picture.putalpha(square)
    return on_background(picture, background, rng, 0.5)


def faces(folder):
    """Faces with letters and digits in them, one a family."""
    found = {}
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith((".ttf", ".otf")):
                family = name.split("-")[0].split(".")[0].lower()[:10]
                try:
                    font = ImageFont.truetype(os.path.join(parent, name), 60)
                    if len({bytes(font.getmask(c)) for c in NAMES}) == len(NAMES):
                        found.setdefault(family, font)
                except OSError:
                    pass
    return list(found.values())


def glyphs(output, files):
    fonts = faces(files)
    random.Random("faces").shuffle(fonts)
    half = 2 * len(fonts) // 3
    for char, label in NAMES.items():
        for part, some, count in (("train", fonts[:half], 30), ("test", fonts[half:], 15)):
            for i in range(count):
                rng = random.Random(f"{label} {part} {i}")
                save(glyph(some[i % len(some)], char, rng), output, "glyphs", part, label, i)
    return len(fonts)


# ---- emoji by name -----------------------------------------------------------------------------------------------------------

ARTISTS_TO_LEARN_FROM, ARTISTS_TO_TEST = ("noto", "noto-v1", "openmoji", "emojione-v1"), ("twemoji", "emojione", "fxemoji")


def emoji(output, folder):
    by_name = collections.defaultdict(dict)
    for artist in ARTISTS_TO_LEARN_FROM + ARTISTS_TO_TEST:
        with open(os.path.join(folder, "parts", artist + ".jsonl"), encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                by_name[line["text"]].setdefault(artist, os.path.join(folder, line["file_name"]))
    names = sorted(name for name, drawn in by_name.items() if len(drawn) == 7 and name.isascii() and not name.startswith("flag")
                   and "face" not in name and "oclock" not in name and "thirty" not in name and " " not in name and len(name) > 2)
    names = sorted(random.Random("emoji").sample(names, 40))
    for name in names:
        for part, artists, views in (("train", ARTISTS_TO_LEARN_FROM, 6), ("test", ARTISTS_TO_TEST, 5)):
            for a, artist in enumerate(artists):
                for view in range(views):
                    rng = random.Random(f"{name} {artist} {view}")
                    save(on_background(Image.open(by_name[name][artist]), color(rng, True), rng), output, "emoji", part, name,
                         a * views + view)


# ---- textures ----------------------------------------------------------------------------------------------------------------

def pattern(path):
    """A pattern of the GIMP: a header of big-endian numbers, a name, then pixels."""
    with open(path, "rb") as file:
        data = file.read()
    head, _, width, height, channels = struct.unpack(">5I", data[:20])
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    return Image.frombytes(mode, (width, height), data[head:head + width * height * channels]).convert("RGB")


def textures(output, files):
    paths = sorted(os.path.join(parent, name) for parent, _, names in os.walk(files) for name in names if name.endswith(".pat"))
    kept = 0
    for path in paths:
        image = pattern(path)
        if min(image.size) < 48 or len(set(image.getdata())) < 8:
            continue
        kept += 1
        label = os.path.basename(path)[:-4].replace("_", " ").replace("-", " ").strip()
        tiled = Image.new("RGB", (4 * max(image.size),) * 2)
        for x in range(0, tiled.width, image.width):
            for y in range(0, tiled.height, image.height):
                tiled.paste(image, (x, y))
        for part, count in (("train", 24), ("test", 12)):
            for i in range(count):
                rng = random.Random(f"{label} {part} {i}")
                size = round(rng.uniform(40, 88))
                turned = tiled.rotate(rng.uniform(-180, 180), Image.BICUBIC)
                middle = tiled.width / 4
                x, y = (round(middle + rng.uniform(0, 2 * middle - size)) for _ in range(2))
                light = rng.uniform(0.6, 1.3)
                crop = turned.crop((x, y, x + size, y + size)).resize((SIDE, SIDE), Image.BICUBIC).point(lambda v: min(255, int(v * light)))
                save(crop, output, "textures", part, label, i)
    return kept


# ---- icons by kind -----------------------------------------------------------------------------------------------------------

KINDS = {"actions": "action", "apps": "application", "devices": "device", "mimetypes": "kind of file", "mimes": "kind of file",
         "places": "place", "status": "status", "categories": "category"}


def icons(output, files):
    found = collections.defaultdict(dict)
    for parent, folders, names in os.walk(files):
        folders.sort()
        kind = next((KINDS[part] for part in reversed(parent.split(os.sep)) if part in KINDS), None)
        if kind and ("48x48" in parent or parent.endswith("/48")):
            theme = parent.split("/icons/")[1].split("/")[0]
            for name in sorted(names):
                if name.endswith(".png") and os.path.exists(os.path.join(parent, name)):
                    with open(os.path.join(parent, name), "rb") as file:
                        found[kind].setdefault(file.read(), (theme, name))
    for kind in sorted(found):
        by_name = collections.defaultdict(list)
        for data, (theme, name) in found[kind].items():
            by_name[name].append(data)
        names = sorted(by_name)
        random.Random(kind).shuffle(names)
        for part, some in (("train", names[:2 * len(names) // 3]), ("test", names[2 * len(names) // 3:])):
            pictures = [data for name in some for data in by_name[name]]
            for i, data in enumerate(pictures[:400 if part == "train" else 200]):
                rng = random.Random(f"{kind} {part} {i}")
                picture = Image.open(io.BytesIO(data)).convert("RGBA")
                square = Image.new("RGBA", picture.size, (255, 255, 255, 255))
                square.alpha_composite(picture)
                save(square, output, "icons", part, kind, i)


def main(sources, output):
    files = os.path.join(sources, "files")
    shapes(output)
    print("glyphs:", glyphs(output, files), "faces")
    emoji(output, os.path.join(sources, "emoji"))
    print("textures:", textures(output, files))
    icons(output, files)
    write_tests()


main(*sys.argv[1:])
