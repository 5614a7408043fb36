"""How much lossy WebP differs from what Pillow makes of it, measured by what the bundled model sees: cosines between embeddings.

Run from the project's root with Python 3, NumPy and Pillow; an argument gives another quality than 75:

    python3 src/test/python/webp_difference.py 75

Saves the emoji of datasets/heldout-emoji as WebP of that quality, and Pillow's decoding of those files as PNG, embeds both by
./itprompt embed and compares row by row.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image


def embedded(files, out):
    subprocess.run(["./itprompt", "embed", "--checkpoint", "models/tiny-clip", "--output", str(out), "--image", *map(str, files)],
                   check=True, stdout=subprocess.DEVNULL)
    rows = numpy.load(out).astype(float)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def main(quality):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        webps, pngs = [], []
        for file in sorted(pathlib.Path("datasets/heldout-emoji").glob("*.png")):
            webps.append(folder / f"{file.stem}.webp")
            pngs.append(folder / f"{file.stem}.png")
            Image.open(file).convert("RGB").save(webps[-1], quality=quality)
            Image.open(webps[-1]).convert("RGB").save(pngs[-1])
        cosines = (embedded(webps, folder / "webp.npy") * embedded(pngs, folder / "png.npy")).sum(axis=1)
        print(f"{len(cosines)} pictures of quality {quality}: cosine {cosines.mean():.4f} on average, {cosines.min():.4f} at least")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 75)
