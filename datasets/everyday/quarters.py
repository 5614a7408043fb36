"""Fashion-MNIST as 40 classes, for measuring what many tasks cost at a real number of images: each class in four by turns.

usage: python3 datasets/everyday/quarters.py [SOURCE] [OUTPUT]
  SOURCE   folder with the four original .gz files; default: /usr/share/datasets/fashion-mnist (Debian: dataset-fashion-mnist)
  OUTPUT   {train,test}/CLASS/*.png, 28x28, grey; default: quarters, beside this file

The quarters of a class look alike, so accuracy means nothing here. Needs Python 3 with Pillow (python3-pil).
"""

import gzip
import sys
from pathlib import Path

from PIL import Image

SOURCE = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
OUTPUT = Path(sys.argv[2] if len(sys.argv) > 2 else Path(__file__).parent / "quarters")
SIDE = 28

for part, name in (("train", "train"), ("t10k", "test")):
    labels = gzip.open(SOURCE / f"{part}-labels-idx1-ubyte.gz").read()[8:]
    images = gzip.open(SOURCE / f"{part}-images-idx3-ubyte.gz").read()[16:]
    seen = [0] * 10
    for i, label in enumerate(labels):
        folder = OUTPUT / name / f"class {label} quarter {seen[label] % 4}"
        seen[label] += 1
        folder.mkdir(parents=True, exist_ok=True)
        Image.frombytes("L", (SIDE, SIDE), images[i * SIDE * SIDE:(i + 1) * SIDE * SIDE]).save(folder / f"{i:05d}.png", compress_level=1)
