#!/usr/bin/env python3
"""Loads training images with Pillow in two processes and with itprompt in two threads, in turns, and prints both.

usage: python3 src/peers/python/loading.py [IMAGES [ROUNDS]]        needs Pillow and NumPy; default: 1000 images, 3 rounds

The images are drawn: 500x375 JPEG files of smooth noise at four scales, quality 90, about 60 KB each. Both read a file, decode it, cut out
a random part of 5 to 100 % of its area and aspect 3/4 to 4/3, resize that to 224x224 (bicubic), mirror half of them and normalise to
float32 planes. Processor time is that of all threads or processes together; on a busy machine it is what can be compared.
"""
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import Pool

import numpy as np
from PIL import Image

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
SIDE = 224
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def draw(folder, count):
    rng = np.random.default_rng(0)
    os.makedirs(folder)
    for i in range(count):
        planes = []
        for _ in range(3):
            plane = np.full((375, 500), 128, np.float32)
            for width, amplitude in ((8, 60), (24, 40), (75, 20), (500, 6)):
                small = rng.normal(0, amplitude, (width * 3 // 4, width)).astype(np.float32)
                plane += np.asarray(Image.fromarray(small).resize((500, 375), Image.BICUBIC))
            planes.append(plane)
        Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)).save(f"{folder}/{i:05d}.jpg", quality=90)


def load(file):
    image = Image.open(file).convert("RGB")
    width, height = image.size
    while True:
        area = width * height * random.uniform(0.05, 1)
        aspect = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            break
    x, y = random.randint(0, width - w), random.randint(0, height - h)
    image = image.crop((x, y, x + w, y + h)).resize((SIDE, SIDE), Image.BICUBIC)
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    values = (np.asarray(image, np.float32) / 255 - MEAN) / DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1))[0, 0, 0]


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pillow(files):
    before = children()
    pool = Pool(2)
    pool.map(load, files[:64])
    start = time.time()
    pool.map(load, files * 3, chunksize=32)
    seconds = time.time() - start
    pool.close()
    pool.join()
    return 3 * len(files) / seconds, (children() - before) / (3 * len(files) + 64)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        draw(folder + "/noise", count)
        files = [os.path.join(folder, "noise", name) for name in sorted(os.listdir(folder + "/noise"))]
        print("round  Pillow, 2 processes       itprompt                  decoded images cached")
        for i in range(rounds):
            rate, each = pillow(files)
            text = subprocess.run([ROOT + "/itprompt", "bench", "--loading", folder, "--repetitions", "3", "--json"], check=True,
                                  capture_output=True, text=True).stdout
            cells = [f"{rate:7.1f}/s {1e3 * each:6.2f} ms each"]
            for way in ("decoded", "cached"):
                measured = json.loads(text)[way]
                own = 1e3 * measured["processorSeconds"] / measured["images"]
                cells.append(f"{measured['images'] / measured['seconds']:7.1f}/s {own:6.2f} ms x{1e3 * each / own:.2f}")
            print(f"{i + 1:5}  " + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
