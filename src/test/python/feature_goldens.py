#!/usr/bin/env python3
"""Small random features of classes that come in tasks, and what NumPy makes of them by the formulas of the methods without training.

Writes src/test/resources/dev/itprompt/method/features.json. Random layers are stored beside the results. Needs NumPy only.
"""

import json
import pathlib

import numpy as np

TARGET = pathlib.Path("src/test/resources/dev/itprompt/method/features.json")
WIDTH = 6
TASKS = [3, 2]
IMAGES = [12, 9, 10, 11, 12]
RIDGES = [float(f"1e{power}") for power in range(-8, 9)]


def single(x):
    """The numbers that float32 holds."""
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def classes(rng):
    spread = rng.standard_normal((WIDTH, WIDTH)) * 0.6
    return [single(rng.standard_normal(WIDTH) * 1.5 + rng.standard_normal((n, WIDTH)) @ spread) for n in IMAGES]


def one_hot(labels, count):
    return np.eye(count)[labels]


def tasks(features):
    """Rows and labels of each task."""
    first = 0
    for count in TASKS:
        own = range(first, first + count)
        yield np.concatenate([features[c] for c in own]), np.concatenate([[c] * len(features[c]) for c in own]), first
        first += count


def ranpac(features, test, layer):
    """RanPAC (McDonnell et al. 2023): the ridge by every fifth row of a task, then the weights of all."""
    gram = np.zeros((layer.shape[1], layer.shape[1]))
    sums = np.zeros((layer.shape[1], len(features)))
    result = []
    for rows, labels, _ in tasks(features):
        h = np.maximum(rows @ layer, 0)
        y = one_hot(labels, len(features))
        out = np.arange(len(rows)) % 5 == 4
        errors = [np.mean((h[out] @ np.linalg.solve(h[~out].T @ h[~out] + ridge * np.eye(len(gram)), h[~out].T @ y[~out]) - y[out]) ** 2)
                  for ridge in RIDGES]
        ridge = RIDGES[int(np.argmin(errors))]
        gram += h.T @ h
        sums += h.T @ y
        weights = np.linalg.solve(gram + ridge * np.eye(len(gram)), sums)
        seen = labels.max() + 1
        result.append({"ridge": ridge, "scores": (np.maximum(test @ layer, 0) @ weights)[:, :seen].tolist()})
    return result


def main():
    rng = np.random.default_rng(11)
    features = classes(rng)
    test = single(rng.standard_normal((7, WIDTH)) * 2)
    few = single(rng.standard_normal((WIDTH, 14)))
    many = single(rng.standard_normal((WIDTH, 40)))
    golden = {
        "tasks": TASKS, "features": [x.tolist() for x in features], "test": test.tolist(),
        "ranpac": {"layer": few.tolist(), "results": ranpac(features, test, few)},
        "ranpac-dual": {"layer": many.tolist(), "results": ranpac(features, test, many)},
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(TARGET, TARGET.stat().st_size, "bytes;", {name: [r["ridge"] for r in golden[name]["results"]] for name in ("ranpac", "ranpac-dual")})


if __name__ == "__main__":
    main()
