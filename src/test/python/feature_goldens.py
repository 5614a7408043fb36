#!/usr/bin/env python3
"""Small random features of classes that come in tasks, and what NumPy makes of them by the formulas of the methods without training.

Writes src/test/resources/dev/itprompt/method/features.json. Random layers are stored beside the results. Needs NumPy only.
"""

import json
import math
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


def loranpac(features, test, layer, rank, kept):
    """LoRanPAC (Peng et al. 2025) with a decomposition after each class; no ridge."""
    left = np.zeros((layer.shape[1], 0))
    sums = []
    result = []
    count = 0
    for task, _ in enumerate(TASKS):
        for x in features[len(sums):sum(TASKS[:task + 1])]:
            h = np.maximum(x @ layer, 0)
            sums.append(h.sum(axis=0))
            for begin in range(0, len(h), rank):
                part = h[begin:begin + rank]
                count += len(part)
                u, s, _ = np.linalg.svd(np.concatenate([left, part.T], axis=1), full_matrices=False)
                number = int(min(rank, max(1, np.floor(kept * count + 0.5))))
                u, s = u[:, :number], s[:number]
                left = u * s
        weights = u @ np.diag(1 / s ** 2) @ u.T @ np.array(sums).T
        result.append((np.maximum(test @ layer, 0) @ weights).tolist())
    return result


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def rail(features, test, layer, texts, ridge, fusion, factor):
    """Primal RAIL (Xu et al. 2024), as it renews the inverse row by row; of classes learned and of all."""
    inverse = np.eye(layer.shape[1]) / ridge
    weights = np.zeros((layer.shape[1], len(features)))
    result = []
    for rows, labels, _ in tasks(features):
        h = np.maximum(unit(rows) @ layer, 0)
        y = one_hot(labels, len(features))
        for i in range(len(h)):
            x = h[i:i + 1]
            inverse -= inverse @ x.T @ x @ inverse / (1 + x @ inverse @ x.T)
            weights += inverse @ x.T @ (y[i:i + 1] - x @ weights)
        seen = labels.max() + 1
        out = np.maximum(unit(test) @ layer, 0) @ weights[:, :seen]
        answers = {"regression": out.tolist()}
        for name, count in (("scores", seen), ("ahead", len(texts))):
            p = softmax(factor * unit(test) @ texts[:count].T)
            learned = p.argmax(axis=1) < seen
            padded = np.pad(out, ((0, 0), (0, count - seen)))
            answers[name] = np.where(learned[:, None], (1 - fusion) * p + fusion * padded, p).tolist()
        result.append(answers)
    return result


def gaussian(features, test, rank, own):
    """Log densities with the shared covariance shrunk as Ledoit and Wolf (2004) do, and each class's own in its largest directions."""
    result = []
    seen = 0
    for count in TASKS:
        seen += count
        deviations = np.concatenate([x - x.mean(axis=0) for x in features[:seen]])
        degrees = len(deviations) - seen
        s = deviations.T @ deviations / degrees
        mu = np.trace(s) / WIDTH
        d2 = np.sum((s - mu * np.eye(WIDTH)) ** 2)
        b2 = (np.sum(np.sum(deviations ** 2, axis=1) ** 2) / degrees - np.sum(s ** 2)) / degrees
        b2 = min(max(b2, 0), d2)
        shared = b2 / d2 * mu * np.eye(WIDTH) + (1 - b2 / d2) * s + 1e-6 * mu * np.eye(WIDTH)
        scores = []
        for x in features[:seen]:
            covariance = (1 - own) * shared
            if rank:
                values, vectors = np.linalg.eigh(np.cov(x.T))
                u = vectors[:, -rank:]
                covariance = covariance + own * u @ np.diag(values[-rank:]) @ u.T
            apart = test - x.mean(axis=0)
            size = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet((1 - own) * shared)[1]
            scores.append(-(np.sum(apart @ np.linalg.inv(covariance) * apart, axis=1) + size) / 2)
        result.append(np.array(scores).T.tolist())
    return result


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def anacp(features, test, layers, last, noises, ridge, samples):
    """AnaCP (Momeni et al. 2025): heads towards spread means, then a classifier of pseudo-features."""
    grams = [np.zeros((layer.shape[1], layer.shape[1])) for layer in layers]
    result = []
    seen = 0
    for task, count in enumerate(TASKS):
        known = [single(unit(x)) for x in features[:seen + count]]
        for gram, layer in zip(grams, layers):
            h = gelu(np.concatenate(known[seen:]) @ layer)
            gram += h.T @ h
        seen += count
        means = np.array([x.mean(axis=0) for x in known])
        deviations = np.concatenate([x - x.mean(axis=0) for x in known])
        covariance = deviations.T @ deviations / len(deviations) + 1e-4 * np.eye(WIDTH)
        values, vectors = np.linalg.eigh(covariance)
        whitening = vectors @ np.diag(1 / np.sqrt(values + 1e-8)) @ vectors.T
        center = means.mean(axis=0)
        u, s, v = np.linalg.svd((means - center) @ whitening, full_matrices=False)
        s = np.where(s > 1e-7 * s.max(), s + 1, 0)
        targets = unit(u @ np.diag(s) @ v @ whitening + center)
        y = np.repeat(np.arange(seen), [len(x) for x in known])
        heads = [np.linalg.solve(gram + ridge * np.eye(len(gram)), gelu(np.concatenate(known) @ layer).T @ targets[y])
                 for gram, layer in zip(grams, layers)]

        def project(x):
            return single(np.mean([unit(gelu(x @ layer) @ head) for layer, head in zip(layers, heads)], axis=0))

        labels = np.repeat(np.arange(seen), samples)
        drawn = single(means[labels] + noises[task] @ np.linalg.cholesky(covariance).T)
        h = gelu(project(drawn) @ last)
        weights = np.linalg.solve(h.T @ h + ridge * np.eye(h.shape[1]), h.T @ one_hot(labels, seen))
        result.append((gelu(project(single(unit(test))) @ last) @ weights).tolist())
    return result


def rapf(features, rng):
    """Parts of RAPF (Huang et al. 2024): pairs of near texts, a shrunk covariance, the loss of a step with its gradient, and the mixing of maps."""
    texts = single(unit(rng.standard_normal((5, WIDTH))))
    old, new = (single(rng.standard_normal((WIDTH, WIDTH))) for _ in range(2))
    distances = np.linalg.norm(texts[:3, None] - texts[None, 3:], axis=2)
    threshold = float(np.sort(distances.ravel())[2] + 1e-3)
    rows = np.concatenate([x[:2] for x in features])
    labels = np.repeat(np.arange(5), 2)
    own, other = np.array([0, 0, 2, 1]), np.array([3, 4, 3, 3])
    edges = np.array([features[c][k] for k, c in enumerate(own)])

    def loss(w):
        logits = 7 * unit(rows @ w.T) @ texts.T
        ce = np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(rows)), labels])
        f = unit(edges @ w.T)
        hinge = np.mean(np.maximum(0, 0.1 + np.sum(f * (texts[other] - texts[own]), axis=1)))
        return ce, hinge

    gradient = np.zeros_like(old)
    for index in np.ndindex(*old.shape):
        step = np.zeros_like(old)
        step[index] = 1e-5
        gradient[index] = (sum(loss(old + step)) - sum(loss(old - step))) / 2e-5
    u, s, v = np.linalg.svd(old)
    after, before = u.T @ new, np.diag(s) @ v
    mask = np.minimum(1, np.abs(after - before) / np.abs(after - before).max() + 0.6)
    covariance = np.cov(features[0].T) + 1e-4 * np.eye(WIDTH)
    rest = ~np.eye(WIDTH, dtype=bool)
    shrunk = covariance + np.where(rest, covariance[rest].mean(), np.trace(covariance) / WIDTH)
    return {"texts": texts.tolist(), "threshold": threshold, "pairs": np.argwhere(distances < threshold).tolist(), "old": old.tolist(), "new": new.tolist(),
            "rows": rows.tolist(), "labels": labels.tolist(), "edges": edges.tolist(), "own": own.tolist(), "other": other.tolist(),
            "loss": list(map(float, loss(old))), "gradient": gradient.tolist(), "mixed": (u @ (after * mask + before * (1 - mask))).tolist(),
            "covariance": covariance.tolist(), "shrunk": shrunk.tolist()}


def bend(values):
    """Where VPT-NSP2's code (Lu et al. 2024) lets the null space begin."""
    n = len(values)
    curve, margin = values, 0
    if n >= 128:
        kernel = np.exp(-np.arange(-40, 41) ** 2 / 200)
        curve, margin = np.convolve(np.pad(values, 40, mode="symmetric"), kernel / kernel.sum(), mode="valid"), int(n * 0.03 / 2)
    second = np.diff(curve, 2)
    at = np.argmax(second[margin:len(second) - margin]) + margin + 1
    return int(np.arange(n)[values >= values[at]].max())


def null_space(rng):
    """Parts of VPT-NSP2 (Lu et al. 2024): where the null space begins, and a step between two projections."""
    grams = []
    for n, rank in ((3, 2), (7, 3)):
        x = rng.standard_normal((rank, n))
        grams.append(x.T @ x + 1e-3 * np.diag(rng.random(n)))
    projections = []
    for gram in grams:
        u, s, _ = np.linalg.svd(gram)
        free = u[:, bend(s):]
        b = free @ free.T
        projections.append(0.9 * b / np.linalg.norm(b) + 0.1 * np.eye(len(gram)))
    step = single(rng.standard_normal((3, 7)))
    curves = [np.exp(-np.arange(n) / 9.0) * 50 + rng.random(n) * 1e-3 for n in (10, 140)]
    curves = [np.sort(c)[::-1] for c in curves]
    return {"grams": [g.tolist() for g in grams], "share": 0.9, "projections": [p.tolist() for p in projections], "step": step.tolist(),
            "projected": (projections[0] @ step @ projections[1]).tolist(), "curves": [c.tolist() for c in curves], "bends": [bend(c) for c in curves]}


def main():
    rng = np.random.default_rng(11)
    features = classes(rng)
    test = single(rng.standard_normal((7, WIDTH)) * 2)
    few = single(rng.standard_normal((WIDTH, 14)))
    many = single(rng.standard_normal((WIDTH, 40)))
    texts = single(unit(rng.standard_normal((6, WIDTH))))
    layers = [single(rng.standard_normal((WIDTH, 9))) for _ in range(3)]
    noises = [rng.standard_normal((4 * seen, WIDTH)) for seen in np.cumsum(TASKS)]
    golden = {
        "tasks": TASKS, "features": [x.tolist() for x in features], "test": test.tolist(),
        "ranpac": {"layer": few.tolist(), "results": ranpac(features, test, few)},
        "ranpac-dual": {"layer": many.tolist(), "results": ranpac(features, test, many)},
        "loranpac": {"layer": many.tolist(), "rank": 7, "kept": 0.75, "results": loranpac(features, test, many, 7, 0.75)},
        "rail": {"layer": many.tolist(), "texts": texts.tolist(), "results": rail(features, test, many, texts, 0.1, 0.8, 5)},
        "anacp": {"layers": [x.tolist() for x in layers], "noises": [x.ravel().tolist() for x in noises], "ridge": 0.5, "samples": 4,
                  "results": anacp(features, test, layers[:2], layers[2], noises, 0.5, 4)},
        "gaussian": {"rank": 2, "own": 0.3, "results": gaussian(features, test, 2, 0.3)},
        "gaussian-shared": {"rank": 0, "own": 0, "results": gaussian(features, test, 0, 0)},
        "null-space": null_space(np.random.default_rng(13)),
        "rapf": rapf(features, np.random.default_rng(12)),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(TARGET, TARGET.stat().st_size, "bytes;", {name: [r["ridge"] for r in golden[name]["results"]] for name in ("ranpac", "ranpac-dual")})


if __name__ == "__main__":
    main()
