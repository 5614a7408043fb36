"""Writes every data set's layout with synthetic pictures in its true format, and what an independent reader finds in it.

    python3 src/test/python/dataset_layouts.py small OUT.tar.gz     a few images a class: the committed golden
    python3 src/test/python/dataset_layouts.py full OUT SET...      one set at its true counts: cifar-100, imagenet-r, cub-200;
                                                                    image-folder has 30,000 JPEG files of 400x500

OUT/SET/ is the layout, OUT/SET.json what is expected: class names, and for each half either [source, label] pairs or, for sets of
bare pixels, labels with SHA-256 of the first pictures. The expected values are read back from the written files with pickle, scipy
and Pillow, by code that shares nothing with the writer but the formats. Needs NumPy, SciPy, Pillow.
"""
import csv
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import struct
import sys
import tarfile
import tempfile

import numpy as np
import scipy.io
from PIL import Image

RNG = np.random.default_rng(20)


def picture(path, side=(9, 7), kind=None):
    """A random picture; smooth, so that JPEG keeps it small."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    small = RNG.integers(0, 256, (3, 3, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize(side, Image.BILINEAR)
    image.save(path, kind or ("PNG" if path.endswith("png") else "JPEG"))


def text(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write("".join(line + "\n" for line in lines))


def pixels(*shape):
    """Random bytes in runs of sixteen, so that they pack well."""
    size = int(np.prod(shape))
    return np.repeat(RNG.integers(0, 256, size // 16 + 1, dtype=np.uint8), 16)[:size].reshape(shape)


def rgb_hash(image):
    image = image.convert("RGB")
    return hashlib.sha256(struct.pack(">ii", *image.size) + image.tobytes()).hexdigest()


def sample(root, pairs):
    """Hashes of the decoded pixels of the first and last picture."""
    return {source: rgb_hash(Image.open(os.path.join(root, source))) for source, _ in (pairs[0], pairs[-1])}


def expect_files(root, names, train, test):
    return {"classNames": names, "train": sorted(train), "test": sorted(test),
            "pixels": {**sample(root, sorted(train)), **sample(root, sorted(test))}}


def expect_pixels(names, train, test):
    """Halves are (labels, list of RGB arrays)."""
    def half(labels, arrays):
        return {"labels": [int(x) for x in labels], "hashes": [rgb_hash(Image.fromarray(a)) for a in arrays[:12]]}
    return {"classNames": names, "trainPixels": half(*train), "testPixels": half(*test)}


# ---- CIFAR ----------------------------------------------------------------------------------------------------------

def short(s):
    return b"U" + bytes([len(s)]) + s.encode()


def number(n):
    return b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n) if n < 65536 else b"J" + struct.pack("<i", n)


def python2_array(data):
    """A NumPy array of bytes as Python 2 pickled it, protocol 2."""
    raw = data.tobytes()
    return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + short("b") + b"\x87R(K\x01"
            + number(data.shape[0]) + number(data.shape[1]) + b"\x86cnumpy\ndtype\n" + short("u1") + b"K\x00K\x01\x87R(K\x03"
            + short("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<I", len(raw)) + raw + b"tb")


def python2_list(items):
    return b"](" + b"".join(short(i) if isinstance(i, str) else number(i) for i in items) + b"e"


def python2_pickle(entries):
    body = b"".join(short(k) + (python2_array(v) if isinstance(v, np.ndarray) else short(v) if isinstance(v, str)
                                else python2_list(v)) for k, v in entries)
    return b"\x80\x02}(" + body + b"u."


def cifar_batch(path, labels, key, coarse, python3=False):
    data = pixels(len(labels), 3072)
    entries = [("filenames", [f"image_{i:05d}.png" for i in range(len(labels))]), ("batch_label", "batch"), (key, list(labels))]
    if coarse:
        entries.append(("coarse_labels", [label // 5 for label in labels]))
    entries.append(("data", data))
    with open(path, "wb") as f:
        f.write(pickle.dumps(dict(entries), protocol=2) if python3 else python2_pickle(entries))


def cifar_read(paths, key):
    labels, arrays = [], []
    for path in paths:
        with open(path, "rb") as f:
            batch = pickle.load(f, encoding="latin1")
        labels += list(batch[key])
        arrays += list(np.asarray(batch["data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return labels, arrays


def cifar(root, classes, train, test, python3=False):
    hundred = classes == 100
    top = os.path.join(root, "cifar-100-python" if hundred else "cifar-10-batches-py")
    os.makedirs(top)
    names = [f"class_{i:02d}" for i in range(classes)]
    key = "fine_labels" if hundred else "labels"
    batches = ["train"] if hundred else [f"data_batch_{i}" for i in range(1, 6)]
    for batch in batches:
        cifar_batch(os.path.join(top, batch), RNG.permutation(np.arange(train // len(batches)) % classes).tolist(), key, hundred, python3)
    cifar_batch(os.path.join(top, "test" if hundred else "test_batch"), (np.arange(test) % classes).tolist(), key, hundred, python3)
    with open(os.path.join(top, "meta" if hundred else "batches.meta"), "wb") as f:
        f.write(python2_pickle([("fine_label_names" if hundred else "label_names", names)]))
    return expect_pixels([n.replace("_", " ") for n in names], cifar_read([os.path.join(top, b) for b in batches], key),
                         cifar_read([os.path.join(top, "test" if hundred else "test_batch")], key))


def cifar_binary(root, classes, train, test):
    hundred = classes == 100
    top = os.path.join(root, "cifar-100-binary" if hundred else "cifar-10-batches-bin")
    os.makedirs(top)
    text(os.path.join(top, "fine_label_names.txt" if hundred else "batches.meta.txt"), [f"class_{i:02d}" for i in range(classes)])
    batches = ["train.bin"] if hundred else [f"data_batch_{i}.bin" for i in range(1, 6)]
    for name, count in [(b, train // len(batches)) for b in batches] + [("test.bin" if hundred else "test_batch.bin", test)]:
        with open(os.path.join(top, name), "wb") as f:
            for label in RNG.permutation(np.arange(count) % classes):
                f.write((bytes([label // 5]) if hundred else b"") + bytes([label]) + pixels(3072).tobytes())

    def read(names):
        width = 3074 if hundred else 3073
        rows = np.concatenate([np.fromfile(os.path.join(top, n), dtype=np.uint8).reshape(-1, width) for n in names])
        return rows[:, width - 3073], list(rows[:, width - 3072:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return expect_pixels([f"class {i:02d}" for i in range(classes)], read(batches), read(["test.bin" if hundred else "test_batch.bin"]))


# ---- ImageNet and its kin ------------------------------------------------------------------------------------------

def appendix():
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, "../../main/resources/dev/itprompt/data/sets/imagenet-r-classes.txt")
    rows = [line.rstrip("\n").split("\t") for line in open(path) if not line.startswith("#")]
    return [int(r[0]) for r in rows], [r[1] for r in rows]


class SplittableRandom:
    """Java's generator of that name, from its description (Steele, Lea, Flood 2014)."""
    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.seed = seed

    def next_int32(self):
        self.seed = (self.seed + 0x9E3779B97F4A7C15) & self.MASK
        z = self.seed
        z = ((z ^ (z >> 33)) * 0x62A9D9ED799705F5) & self.MASK
        z = ((z ^ (z >> 28)) * 0xCB24D0A5C88C35B3) & self.MASK
        return z >> 32

    def below(self, bound):
        r = self.next_int32()
        if bound & (bound - 1) == 0:
            return r & (bound - 1)
        u = r >> 1
        while True:
            r = u % bound
            if u + bound - 1 - r < 1 << 31:
                return r
            u = self.next_int32() >> 1


def wnids():
    return [f"n{1000000 + 37 * i:08d}" for i in range(200)]


def imagenet_r(root, per_class):
    top = os.path.join(root, "imagenet-r")
    for i, wnid in enumerate(wnids()):
        for j in range(per_class(i)):
            picture(os.path.join(top, wnid, f"{['art', 'toy', 'sketch'][j % 3]}_{j}.jpg"))
    labels, names = appendix()
    files = sorted(f"{w}/{f}" for w in os.listdir(top) for f in os.listdir(os.path.join(top, w)))
    label = {w: labels[i] for i, w in enumerate(sorted(os.listdir(top)))}
    random = SplittableRandom(0)
    for i in range(len(files) - 1, 0, -1):
        j = random.below(i + 1)
        files[i], files[j] = files[j], files[i]
    pairs = [[f, label[f.split("/")[0]]] for f in files]
    cut = len(files) * 4 // 5
    by_label = [""] * 200
    for n, name in zip(labels, names):
        by_label[n] = name
    return expect_files(top, by_label, pairs[:cut], pairs[cut:])


def imagenet_r_lists(root):
    top = os.path.join(root, "imagenet-r")
    labels, names = appendix()
    pairs = {"train": [], "test": []}
    for i, wnid in enumerate(wnids()):
        for j, part in enumerate(["train", "train", "test"]):
            picture(os.path.join(top, wnid, f"art_{j}.jpg"), (4, 4))
            pairs[part].append([f"{wnid}/art_{j}.jpg", labels[i]])
    for part, own in pairs.items():
        RNG.shuffle(own)
        text(os.path.join(top, f"imagenet-r_{part}.yaml"), ["data:"] + [f"- data/imagenet-r/{p}" for p, _ in own]
             + ["targets:"] + [f"- {n}" for _, n in own])
    by_label = [""] * 200
    for n, name in zip(labels, names):
        by_label[n] = name
    return expect_files(top, by_label, pairs["train"], pairs["test"])


def tree(root, halves, classes, name=lambda f: f.replace("_", " "), ending="jpg", counts=(3, 2)):
    """A folder for each half and class."""
    pairs = [[], []]
    for h, half in enumerate(halves):
        for c, folder in enumerate(classes):
            for i in range(counts[h]):
                source = f"{folder}/{h}{i}.{ending}"
                picture(os.path.join(root, half, source))
                pairs[h].append([source, c])
    result = expect_files(os.path.join(root, halves[0]), [name(c) for c in classes], pairs[0], pairs[0])
    result["test"] = sorted(pairs[1])
    return result


def imagenet_a(root):
    ids = wnids()[:5]
    result = tree(os.path.join(root, "imagenet-a"), ["train", "test"], ids)
    text(os.path.join(root, "imagenet-a", "README.txt"), ["Natural adversarial examples", ""] + [f"{w} thing {i}, other" for i, w in enumerate(ids)])
    result["classNames"] = [f"thing {i}" for i in range(5)]
    return result


def tiny_imagenet(root):
    top = os.path.join(root, "tiny-imagenet-200")
    ids = list(RNG.permutation(wnids()[:6]))
    text(os.path.join(top, "wnids.txt"), ids)
    text(os.path.join(top, "words.txt"), [f"{w}\tword {w[-3:]}, second name" for w in wnids()])
    train, test, lines = [], [], []
    rank = {w: i for i, w in enumerate(sorted(ids))}
    for w in ids:
        for i in range(3):
            source = f"train/{w}/images/{w}_{i}.JPEG"
            picture(os.path.join(top, source))
            train.append([source, rank[w]])
        text(os.path.join(top, f"train/{w}/{w}_boxes.txt"), ["0"])
    for i in range(12):
        source = f"val/images/val_{i}.JPEG"
        picture(os.path.join(top, source))
        test.append([source, rank[ids[i % 6]]])
        lines.append(f"val_{i}.JPEG\t{ids[i % 6]}\t0\t32\t44\t62")
    text(os.path.join(top, "val/val_annotations.txt"), lines)
    return expect_files(top, [f"word {w[-3:]}" for w in sorted(ids)], train, test)


def cub(root, classes, per_class, side=(9, 7), train=None):
    top = os.path.join(root, "CUB_200_2011")
    names = [f"{i + 1:03d}.Bird_{'Long_' if i % 2 else ''}{i}" for i in range(classes)]
    images, labels, flags = [], [], []
    for c, name in enumerate(names):
        for i in range(per_class(c)):
            source = f"{name}/{name[4:]}_{i:04d}_{c}.jpg"
            picture(os.path.join(top, "images", source), side)
            images.append(source)
            labels.append(c + 1)
            flags.append(int((i * 7 + c) % 2))
    if train:
        flags = (RNG.permutation(len(images)) < train).astype(int).tolist()
    for file, values in [("images.txt", images), ("image_class_labels.txt", labels), ("train_test_split.txt", flags)]:
        text(os.path.join(top, file), [f"{i + 1} {v}" for i, v in enumerate(values)])
    text(os.path.join(top, "classes.txt"), [f"{i + 1} {n}" for i, n in enumerate(names)])
    pairs = {0: [], 1: []}
    for source, label, flag in zip(images, labels, flags):
        pairs[flag].append([f"images/{source}", label - 1])
    return expect_files(top, [n[4:].replace("_", " ") for n in names], pairs[1], pairs[0])


# ---- digits and letters ---------------------------------------------------------------------------------------------

def svhn(root):
    halves = []
    for name, count in [("train_32x32.mat", 11), ("test_32x32.mat", 10)]:
        x = pixels(32, 32, 3, count)
        y = (np.arange(count) % 10 + 1).astype(np.uint8).reshape(-1, 1)
        os.makedirs(root, exist_ok=True)
        scipy.io.savemat(os.path.join(root, name), {"X": x, "y": y}, do_compression=name.startswith("train"))
        back = scipy.io.loadmat(os.path.join(root, name))
        halves.append((back["y"].ravel() % 10, list(back["X"].transpose(3, 0, 1, 2))))
    return expect_pixels([str(i) for i in range(10)], *halves)


def mnist(root, names, zipped=True):
    halves = []
    for part, count in [("train", 12), ("t10k", 10)]:
        x = pixels(count, 28, 28)
        y = (np.arange(count) % 10).astype(np.uint8)
        os.makedirs(root, exist_ok=True)
        for kind, magic, array in [("images-idx3", 0x803, x), ("labels-idx1", 0x801, y)]:
            data = struct.pack(">" + "i" * (1 + array.ndim), magic, *array.shape) + array.tobytes()
            path = os.path.join(root, f"{part}-{kind}-ubyte")
            with (gzip.open(path + ".gz", "wb") if zipped else open(path, "wb")) as f:
                f.write(data)
        halves.append((y, [np.repeat(a[:, :, None], 3, 2) for a in x]))
    return expect_pixels(names, *halves)


FASHION = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def five(root):
    parts = [svhn(os.path.join(root, "svhn")), mnist(os.path.join(root, "mnist"), [str(i) for i in range(10)])]
    parts.append(cifar(root, 10, 50, 10))
    letters = list("ABCDEFGHIJ")
    parts.append(tree(os.path.join(root, "notMNIST"), ["Train", "Test"], letters, ending="png", counts=(2, 1)))
    open(os.path.join(root, "notMNIST", "Train", "A", "empty.png"), "w").close()
    parts.append(mnist(os.path.join(root, "fashion-mnist"), FASHION))

    def labels(half):
        result = []
        for i, part in enumerate(parts):
            own = part[half + "Pixels"]["labels"] if half + "Pixels" in part else [label for _, label in part[half]]
            result += [10 * i + label for label in own]
        return {"labels": result, "hashes": []}
    for part, title in zip(parts, ["SVHN", "MNIST"]):
        part["classNames"] = [f"{n} ({title})" for n in part["classNames"]]
    return {"classNames": [n for part in parts for n in part["classNames"]], "trainPixels": labels("train"), "testPixels": labels("test")}


# ---- fine-grained and others ----------------------------------------------------------------------------------------

def cars(root):
    top = os.path.join(root, "stanford_cars")
    names = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012", "Audi 100 Wagon 1994"]
    os.makedirs(os.path.join(top, "devkit"))
    cells = np.empty((1, 3), dtype=object)
    cells[0, :] = names
    scipy.io.savemat(os.path.join(top, "devkit/cars_meta.mat"), {"class_names": cells})
    halves = []
    for part, file, count in [("train", "devkit/cars_train_annos.mat", 9), ("test", "cars_test_annos_withlabels.mat", 6)]:
        rows = np.zeros((1, count), dtype=[(n, object) for n in ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname")])
        for i in range(count):
            picture(os.path.join(top, f"cars_{part}/{i + 1:05d}.jpg"))
            rows[0, i] = (np.uint16(1), np.uint16(2), np.uint16(300), np.uint16(4), np.uint8(i * 2 % 3 + 1), f"{i + 1:05d}.jpg")
        scipy.io.savemat(os.path.join(top, file), {"annotations": rows}, do_compression=True)
        back = scipy.io.loadmat(os.path.join(top, file), squeeze_me=True)["annotations"]
        halves.append([[f"cars_{part}/{a['fname']}", int(a["class"]) - 1] for a in back])
    return expect_files(top, names, *halves)


def aircraft(root):
    data = os.path.join(root, "fgvc-aircraft-2013b", "data")
    variants = ["707-320", "A340-200", "Cessna 172"]
    text(os.path.join(data, "variants.txt"), variants)
    halves = {}
    for part, count in [("trainval", 6), ("test", 3)]:
        pairs = []
        for i in range(count):
            source = f"{len(part)}{i:06d}"
            picture(os.path.join(data, "images", source + ".jpg"))
            pairs.append((source, i % 3))
        text(os.path.join(data, f"images_variant_{part}.txt"), [f"{s} {variants[c]}" for s, c in pairs])
        halves[part] = [[f"data/images/{s}.jpg", c] for s, c in pairs]
    return expect_files(os.path.dirname(data), variants, halves["trainval"], halves["test"])


def food(root):
    top = os.path.join(root, "food-101")
    classes = ["apple_pie", "baby_back_ribs", "waffles"]
    halves = {}
    for part, count in [("train", 3), ("test", 2)]:
        sources = [f"{c}/{1000 + 10 * len(part) + i}" for c in classes for i in range(count)]
        for s in sources:
            picture(os.path.join(top, "images", s + ".jpg"))
        text(os.path.join(top, f"meta/{part}.txt"), sources)
        with open(os.path.join(top, f"meta/{part}.json"), "w") as f:
            json.dump({c: [s for s in sources if s.startswith(c)] for c in classes}, f)
        halves[part] = [[f"images/{s}.jpg", classes.index(s.split("/")[0])] for s in sources]
    return expect_files(top, [c.replace("_", " ") for c in classes], halves["train"], halves["test"])


def pets(root):
    top = os.path.join(root, "oxford-iiit-pet")
    breeds = ["Abyssinian", "american_bulldog", "Sphynx"]
    halves = {}
    for part, count in [("trainval", 3), ("test", 2)]:
        lines, pairs = [], []
        for c, breed in enumerate(breeds):
            for i in range(count):
                picture(os.path.join(top, f"images/{breed}_{len(part)}{i}.jpg"))
                lines.append(f"{breed}_{len(part)}{i} {c + 1} {1 + c % 2} {c + 1}")
                pairs.append([f"images/{breed}_{len(part)}{i}.jpg", c])
        text(os.path.join(top, f"annotations/{part}.txt"), ["#Image CLASS-ID SPECIES BREED ID"] + lines)
        halves[part] = pairs
    return expect_files(top, [b.replace("_", " ") for b in breeds], halves["trainval"], halves["test"])


def flowers(root):
    top = os.path.join(root, "flowers-102")
    count = 12
    labels = np.array([1 + (i * 5) % 102 for i in range(count)], dtype=np.uint8)
    for i in range(count):
        picture(os.path.join(top, f"jpg/image_{i + 1:05d}.jpg"))
    scipy.io.savemat(os.path.join(top, "imagelabels.mat"), {"labels": labels.reshape(1, -1)}, do_compression=True)
    scipy.io.savemat(os.path.join(top, "setid.mat"), {"trnid": np.array([[3, 1, 8, 9]], dtype=np.uint16),
                     "valid": np.array([[2, 4]], dtype=np.uint16), "tstid": np.array([[5, 6, 7, 10, 11, 12]], dtype=np.uint16)})
    back = scipy.io.loadmat(os.path.join(top, "imagelabels.mat"), squeeze_me=True)["labels"]
    sets = scipy.io.loadmat(os.path.join(top, "setid.mat"), squeeze_me=True)
    halves = [[[f"jpg/image_{i:05d}.jpg", int(back[i - 1]) - 1] for i in sets[k].tolist()] for k in ("trnid", "tstid")]
    return expect_files(top, None, *halves)


def dtd(root):
    top = os.path.join(root, "dtd")
    halves = {}
    for part in ("train", "val", "test"):
        sources = [f"{c}/{c}_{part}{i}.jpg" for c in ("banded", "woven") for i in range(2)]
        for s in sources:
            picture(os.path.join(top, "images", s))
        text(os.path.join(top, f"labels/{part}1.txt"), sources)
        halves[part] = [[f"images/{s}", int(s.startswith("w"))] for s in sources]
    return expect_files(top, ["banded", "woven"], halves["train"], halves["test"])


def sun(root):
    top = os.path.join(root, "SUN397")
    classes = ["/a/abbey", "/c/cathedral/indoor", "/c/cathedral/outdoor"]
    text(os.path.join(top, "ClassName.txt"), classes)
    halves = {}
    for part, count in [("Training", 2), ("Testing", 1)]:
        sources = [f"{c}/sun_{part.lower()}{i}.jpg" for c in classes for i in range(count)]
        for s in sources:
            picture(top + s)
        text(os.path.join(top, f"{part}_01.txt"), sources)
        halves[part] = [[s[1:], classes.index(os.path.dirname(s))] for s in sources]
    return expect_files(top, ["abbey", "indoor cathedral", "outdoor cathedral"], halves["Training"], halves["Testing"])


def domainnet(root):
    top = os.path.join(root, "domainnet")
    halves = {"train": [], "test": []}
    for domain in ("clipart", "infograph", "painting", "quickdraw", "real", "sketch"):
        for part in halves:
            lines = []
            for c, name in enumerate(["aircraft_carrier", "airplane"]):
                source = f"{domain}/{name}/{domain}_{part}_{c}.jpg"
                picture(os.path.join(top, source))
                lines.append(f"{source} {c}")
                halves[part].append([source, c])
            text(os.path.join(top, f"{domain}_{part}.txt"), lines)
    return expect_files(top, ["aircraft carrier", "airplane"], halves["train"], halves["test"])


def core50(root):
    top = os.path.join(root, "core50_128x128")
    halves = {True: [], False: []}
    for s in range(1, 12):
        for o in range(1, 51):
            source = f"s{s}/o{o}/C_{s:02d}_{o:02d}_000.png"
            picture(os.path.join(top, source), (2, 2))
            halves[s in (3, 7, 10)].append([source, o - 1])
    return expect_files(top, None, halves[False], halves[True])


def listing(root):
    rows = []
    for i in range(12):
        source = f"pictures/{'a, b' if i == 3 else 'x'}{i}.png"
        picture(os.path.join(root, source))
        rows.append([source, ["cat", "dog", 'big "owl"', "ant"][i % 4], "train" if i < 8 else "val", "two" if i % 4 == 3 else "one"])
    with open(os.path.join(root, "images.csv"), "w", newline="") as f:
        csv.writer(f).writerows([["path", "label", "split", "task"]] + rows)
    names = ['big "owl"', "cat", "dog", "ant"]
    return expect_files(root, names, [[r[0], names.index(r[1])] for r in rows if r[2] == "train"],
                        [[r[0], names.index(r[1])] for r in rows if r[2] == "val"])


def webdataset(root):
    os.makedirs(root)
    text(os.path.join(root, "classnames.txt"), ["red_fox", "hen"])
    halves = {"train": [], "test": []}
    hashes = {}
    for shard in ("train-000000.tar", "train-000001.tar", "test-000000.tar"):
        with tarfile.open(os.path.join(root, shard), "w", format=tarfile.PAX_FORMAT if "1" in shard else tarfile.GNU_FORMAT) as tar:
            for i in range(3):
                buffer = io.BytesIO()
                Image.fromarray(RNG.integers(0, 256, (5, 4, 3), dtype=np.uint8)).save(buffer, "PNG")
                name = "a/" + "long" * 40 + f"/s{i}"
                for ending, data in [("png", buffer.getvalue()), ("cls", str(i % 2).encode()), ("json", b"{}")]:
                    info = tarfile.TarInfo(f"{name}.{ending}")
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))
                source = f"{shard}/{name}.png"
                halves[shard.split("-")[0]].append([source, i % 2])
                hashes[source] = rgb_hash(Image.open(io.BytesIO(buffer.getvalue())))
    return {"classNames": ["red fox", "hen"], "train": sorted(halves["train"]), "test": sorted(halves["test"]), "pixels": hashes}


SMALL = {
    "cifar-100": lambda r: cifar(r, 100, 120, 100), "cifar-10": lambda r: cifar(r, 10, 50, 20, python3=True),
    "cifar-100-bin": lambda r: cifar_binary(r, 100, 101, 100), "cifar-10-bin": lambda r: cifar_binary(r, 10, 50, 10),
    "imagenet-r": lambda r: imagenet_r(r, lambda i: 2 + i % 2), "imagenet-r-lists": imagenet_r_lists, "imagenet-a": imagenet_a,
    "cub-200": lambda r: cub(r, 5, lambda c: 4 + c), "cub-200-trees": lambda r: tree(r, ["train", "test"], ["001.Laysan_Albatross", "002.Sooty_Tern"],
                                                                                name=lambda f: f[4:].replace("_", " ")),
    "tiny-imagenet": tiny_imagenet, "five-datasets": five, "svhn": svhn, "mnist": lambda r: mnist(os.path.join(r, "MNIST/raw"), [str(i) for i in range(10)]),
    "stanford-cars": cars, "fgvc-aircraft": aircraft, "food-101": food, "oxford-pets": pets, "flowers-102": flowers, "dtd": dtd,
    "sun397": sun, "domainnet": domainnet, "core50": core50, "listing": listing, "webdataset": webdataset,
    "objectnet": lambda r: tree(os.path.join(r, "objectnet"), ["train", "val"], ["air_freshener", "backpack"]),
    "eurosat": lambda r: tree(r, ["train", "test"], ["AnnualCrop", "SeaLake"], name=lambda f: {"A": "annual crop", "S": "sea lake"}[f[0]]),
    "caltech-101": lambda r: tree(r, ["train", "test"], ["Faces_easy", "accordion"]),
    "image-folder": lambda r: tree(r, ["train", "val"], ["ant_hill", "bee"]),
}

def photographs(root):
    """Blurred colours, of which each class has less of one."""
    for c in range(20):
        for i in range(1500):
            small = RNG.integers(0, 256, (10, 8, 3), dtype=np.uint8)
            small[:, :, c % 3] //= 1 + c // 3
            path = os.path.join(root, "test" if i % 5 == 4 else "train", f"class_{c:02d}", f"{i:04d}.jpg")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            Image.fromarray(small).resize((400, 500), Image.BICUBIC).save(path, quality=90)
    return {"classNames": [f"class {c:02d}" for c in range(20)]}


FULL = {
    "image-folder": photographs,
    "cifar-100": lambda r: cifar(r, 100, 50000, 10000),
    "imagenet-r": lambda r: imagenet_r(r, lambda i: 150),
    "cub-200": lambda r: cub(r, 200, lambda c: 59 if c < 188 else 58, (24, 20), 5994),
}


def main():
    mode, out = sys.argv[1], sys.argv[2]
    folder = tempfile.mkdtemp() if mode == "small" else out
    for name in SMALL if mode == "small" else sys.argv[3:]:
        root = os.path.join(folder, name)
        expected = (SMALL if mode == "small" else FULL)[name](root)
        with open(root + ".json", "w") as f:
            json.dump(expected, f)
    if mode == "small":
        def plain(info):
            info.mtime = info.uid = info.gid = 0
            info.uname = info.gname = ""
            return info
        with gzip.GzipFile(out, "wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
            for name in sorted(os.listdir(folder)):
                tar.add(os.path.join(folder, name), name, filter=plain)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
