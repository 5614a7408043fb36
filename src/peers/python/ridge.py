#!/usr/bin/env python3
"""RanPAC's arithmetic on random features of a given number, here and with NumPy in turn: times of both, and how far the weights differ.

    python3 src/peers/python/ridge.py [rows] [random features] [rounds] [heap]

Needs NumPy (SciPy for Cholesky factors in place of LU), target/itprompt.jar, and the java of JAVA_HOME or PATH, 25 or newer.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

try:
    from scipy.linalg import cho_factor, cho_solve
except ImportError:
    cho_factor = None

WIDTH, CLASSES, BLOCK = 512, 100, 4000
RIDGES = [float(f"1e{power}") for power in range(-8, 9)]
PEER = "src/peers/java/dev/itprompt/peers/RidgePeer.java"


def solve(gram, ridge, right):
    """Weights, or None where the system has no factor."""
    system = gram.copy()
    system[np.diag_indices_from(system)] += ridge
    if cho_factor is None:
        return np.linalg.solve(system, right)
    try:
        return cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), right, check_finite=False)
    except np.linalg.LinAlgError:
        return None


def gram_of(features, labels, layer, chosen):
    gram = np.zeros((layer.shape[1], layer.shape[1]))
    sums = np.zeros((layer.shape[1], CLASSES))
    for start in range(0, len(chosen), BLOCK):
        rows = chosen[start:start + BLOCK]
        h = np.maximum(features[rows].astype(np.float64) @ layer, 0)
        gram += h.T @ h
        sums += h.T @ np.eye(CLASSES)[labels[rows]]
    return gram, sums


def with_numpy(features, labels, layer):
    start = time.perf_counter()
    out = np.arange(len(features)) % 5 == 4
    kept, held = np.flatnonzero(~out), np.flatnonzero(out)
    gram, sums = gram_of(features, labels, layer, kept)
    solutions = [solve(gram, ridge, sums) for ridge in RIDGES]
    errors = np.array([np.inf if w is None else 0.0 for w in solutions])
    for begin in range(0, len(held), BLOCK):
        rows = held[begin:begin + BLOCK]
        h = np.maximum(features[rows].astype(np.float64) @ layer, 0)
        y = np.eye(CLASSES)[labels[rows]]
        for k, w in enumerate(solutions):
            if w is not None:
                errors[k] += np.sum((h @ w - y) ** 2)
    ridge = RIDGES[int(np.argmin(errors))]
    rest, more = gram_of(features, labels, layer, held)
    gram += rest
    sums += more
    chosen = time.perf_counter()
    weights = solve(gram, ridge, sums)
    return chosen - start, time.perf_counter() - chosen, ridge, weights


def main():
    rows, size, rounds = (int(a) for a in (sys.argv[1:] + ["60000", "10000", "1"][len(sys.argv) - 1:])[:3])
    heap = sys.argv[4] if len(sys.argv) > 4 else "2200m"
    rng = np.random.default_rng(0)
    labels = np.arange(rows) * CLASSES // rows
    features = (rng.standard_normal((CLASSES, WIDTH))[labels] * 0.3 + rng.standard_normal((rows, WIDTH))).astype(np.float32)
    layer = rng.standard_normal((WIDTH, size)).astype(np.float32)
    java = os.path.join(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        features.tofile(folder / "features")
        layer.tofile(folder / "layer")
        for _ in range(rounds):
            ours = subprocess.run([java, "-Xmx" + heap, "--add-modules", "jdk.incubator.vector", "-cp", "target/itprompt.jar", PEER, name,
                                   str(rows), str(WIDTH), str(size), str(CLASSES)], check=True, capture_output=True, text=True).stdout.split()
            theirs = with_numpy(features, labels, layer.astype(np.float64))
            weights = np.fromfile(folder / "weights", dtype=">f8").reshape(size, CLASSES)
            apart = np.max(np.abs(weights - theirs[3])) / np.max(np.abs(theirs[3]))
            total = float(ours[0]) + float(ours[1]), theirs[0] + theirs[1]
            print(f"{rows} rows, {size} random features; sums and choice, then weights: here {ours[0]} + {ours[1]} s (ridge {ours[2]}), "
                  f"NumPy {theirs[0]:.2f} + {theirs[1]:.2f} s (ridge {theirs[2]:g}); ratio {total[0] / total[1]:.2f}; weights differ by {apart:.1e}",
                  flush=True)


if __name__ == "__main__":
    main()
