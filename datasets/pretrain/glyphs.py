"""Draws glyphs of open fonts as captioned pictures: 48x48 RGBA, black ink, transparent background.

usage: python3 glyphs.py FONT_FOLDER OUTPUT

Writes OUTPUT/glyphs/NN/*.png and OUTPUT/parts/glyphs.jsonl. Latin letters and digits come from every face
(at most MAX_FACES, regular and bold preferred), further scripts and symbols from every face that has them,
at most REPEATS pictures of a character.
"""
import collections, hashlib, json, os, sys, unicodedata
from PIL import Image, ImageDraw, ImageFont

SIDE, MAX_FACES, REPEATS = 48, 150, 6
LATIN = [chr(c) for c in (*range(48, 58), *range(65, 91), *range(97, 123))]
BLOCKS = [[chr(c) for c in range(*block)] for block in ((0x21, 0x30), (0x3A, 0x41), (0x391, 0x3CA), (0x410, 0x450), (0x5D0, 0x5EB),
          (0x620, 0x64B), (0x905, 0x93A), (0x0E01, 0x0E2F), (0x10D0, 0x10F1), (0x1200, 0x1240), (0x1401, 0x1440), (0x13A0, 0x13F0),
          (0x2190, 0x2200), (0x2200, 0x2270), (0x2300, 0x23CF), (0x2500, 0x2600), (0x2600, 0x27C0), (0x2B00, 0x2B50))]


def caption(char):
    name = unicodedata.name(char, "").lower()
    if not name or unicodedata.category(char)[0] in "MC":
        return None
    return name.replace("latin ", "").replace("-", " ")


def draw(font, char):
    box = font.getbbox(char)
    width, height = box[2] - box[0], box[3] - box[1]
    if width < 2 or height < 2:
        return None
    scale = (SIDE - 2) / max(width, height)
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).text((-box[0], -box[1]), char, font=font, fill=255)
    mask = mask.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.BOX if scale < 0.5 else Image.BICUBIC)
    square = Image.new("L", (SIDE, SIDE))
    square.paste(mask, ((SIDE - mask.width) // 2, (SIDE - mask.height) // 2))
    if square.getextrema()[1] < 100:
        return None
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    image.putalpha(square)
    return image


def main(fonts, output):
    faces = sorted(os.path.join(folder, name) for folder, _, names in os.walk(fonts) for name in names if name.lower().endswith((".ttf", ".otf")))
    plain = ("regular", "bold", "italic", "black", "medium", "book")
    faces.sort(key=lambda path: (not any(word in path.lower() for word in plain), hashlib.md5(os.path.basename(path).encode()).hexdigest()))
    lines, used, count = [], collections.Counter(), 0
    os.makedirs(os.path.join(output, "parts"), exist_ok=True)
    for path in faces:
        try:
            font = ImageFont.truetype(path, SIDE + 8)
            missing = font.getmask("\U0010FFFE").getbbox(), bytes(font.getmask("\U0010FFFE"))
        except OSError:
            continue

        def has(char):
            mask = font.getmask(char)
            return (mask.getbbox(), bytes(mask)) != missing

        latin = count < MAX_FACES and all(map(has, LATIN))
        count += latin
        wanted = LATIN if latin else []
        for block in BLOCKS:
            if any(used[c] < REPEATS for c in block) and any(map(has, (block[0], block[len(block) // 3], block[-1]))):
                wanted = wanted + [c for c in block if used[c] < REPEATS and has(c)]
        for char in wanted:
            text = caption(char)
            picture = draw(font, char) if text else None
            if picture is None:
                continue
            used[char] += 1
            file = f"glyphs/{len(lines) // 1000:02d}/{len(lines):05d}.png"
            os.makedirs(os.path.dirname(os.path.join(output, file)), exist_ok=True)
            picture.save(os.path.join(output, file), compress_level=6)
            lines.append(json.dumps({"file_name": file, "text": text, "source": "glyphs"}))
    with open(os.path.join(output, "parts", "glyphs.jsonl"), "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
    print(f"glyphs\t{len(lines)}\t{count} faces with latin letters, {len(used)} characters")


main(*sys.argv[1:])
