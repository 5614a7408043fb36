"""Writes what Pillow makes of random pictures with the test transforms of published code, and with its brightness enhancement.

    python3 src/test/python/transform_goldens.py src/test/resources/dev/itprompt/experiment/transforms.txt

A line: the transform, width and height of the picture, the model's side, SHA-256 of the square's bytes. Pictures are
numpy.random.RandomState(width).randint(0, 256, (height, width, 3)), which the test draws from the same generator.
Resize and crop are torchvision's: the longer side is int(size * longer / shorter), the crop begins at round((size - side) / 2).
"""
import hashlib
import sys

import numpy as np
from PIL import Image, ImageEnhance

B, L = Image.BICUBIC, Image.BILINEAR
TRANSFORMS = {"clip": (224, B), "coda": (256, L), "coda-cifar": (224, L), "hide-cifar": (256, B), "hide": (256, B), "pilot": (256, B),
              "timm-imagenet": (256, B)}


def crop(image, side, resize, kind):
    w, h = image.size
    new = (resize, int(resize * h / w)) if w <= h else (int(resize * w / h), resize)
    image = image.resize(new, kind)
    left, top = int(round((image.width - side) / 2.0)), int(round((image.height - side) / 2.0))
    return image.crop((left, top, left + side, top + side))


with open(sys.argv[1], "w") as f:
    for width, height in [(32, 32), (301, 211), (97, 260)]:
        image = Image.fromarray(np.random.RandomState(width).randint(0, 256, (height, width, 3)).astype(np.uint8))
        for side in (224, 28):
            squares = {name: crop(image, side, resize * side // 224, kind) for name, (resize, kind) in TRANSFORMS.items()}
            squares["timm"] = crop(image, side, int(side / 0.9), B)
            squares["c3box"] = image.resize((side, side), B)
            for name, square in squares.items():
                print(name, width, height, side, hashlib.sha256(square.tobytes()).hexdigest(), file=f)
        for factor in (0.752941, 0.9, 1.0, 1.1, 1.247058):
            print("brightness", width, height, factor, hashlib.sha256(ImageEnhance.Brightness(image).enhance(factor).tobytes()).hexdigest(),
                  file=f)
