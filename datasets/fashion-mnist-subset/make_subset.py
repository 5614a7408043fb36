"""Makes the bundled subset of Fashion-MNIST: the first images of each class of the original files, in their order.

    python3 datasets/fashion-mnist-subset/make_subset.py [folder with the four original .gz files]

The same input gives the same bytes (with the same zlib). Needs nothing but Python 3.
"""

import gzip
import io
import struct
import sys
from pathlib import Path

SOURCE = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
TARGET = Path(__file__).parent
PER_CLASS = {"train": 200, "t10k": 100}
PIXELS = 28 * 28


def write(name, content):
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as out:
        out.write(content)
    (TARGET / name).write_bytes(buffer.getvalue())


for part, wanted in PER_CLASS.items():
    labels = gzip.open(SOURCE / f"{part}-labels-idx1-ubyte.gz").read()[8:]
    images = gzip.open(SOURCE / f"{part}-images-idx3-ubyte.gz").read()[16:]
    taken = [0] * 10
    chosen = []
    for index, label in enumerate(labels):
        if taken[label] < wanted:
            taken[label] += 1
            chosen.append(index)
    write(f"{part}-labels-idx1-ubyte.gz", struct.pack(">ii", 0x801, len(chosen)) + bytes(labels[i] for i in chosen))
    write(f"{part}-images-idx3-ubyte.gz", struct.pack(">4i", 0x803, len(chosen), 28, 28)
          + b"".join(images[i * PIXELS:(i + 1) * PIXELS] for i in chosen))
    print(part, len(chosen), "images")
