"""Classifies by arrays that `itprompt export --format npz` wrote, as docs/export.md says.

export_scores.py METHOD STATE.npz FEATURES.npy SCORES.json: softmax scores of the classes for each row of features.
"""
import json
import sys

import numpy as np


def unit(x):
    return x / np.maximum(1e-12, np.linalg.norm(x, axis=-1, keepdims=True))


def linear(state, part, u):
    if state[part + ".input.present"][0]:
        u = u @ state[part + ".input.weight"].astype(float).T + state[part + ".input.bias"]
    return u @ state[part + ".head.weight"].astype(float).T + state[part + ".head.bias"]


def scores(method, state, u):
    if method == "ncm":
        count = state["classifier.ncm.centers.count"][0]
        centers = np.concatenate([state[f"classifier.ncm.centers.{c}"] for c in range(count)])
        return unit(u) @ centers.astype(float).T
    if method == "lda":
        count = state["classifier.mean.count"][0]
        means = np.stack([state[f"classifier.mean.{c}"] for c in range(count)])
        directions = np.stack([state[f"classifier.direction.{c}"] for c in range(count)])
        return u @ directions.T - (directions * means).sum(1) / 2
    if method == "simplecil":
        count = state["classifier.classes"][0]
        right = state["classifier.right"]
        share = max(i for i in range(21) if right[i] == right.max()) / 20
        images = unit(np.stack([state[f"classifier.sum.{c}"] for c in range(count)]))
        return unit(u) @ unit(share * images + (1 - share) * state["class_texts"][:count].astype(float)).T
    return linear(state, "classifier", u)[:, : len(json.loads(bytes(state["classes"])))]


def main():
    method, state, features, output = sys.argv[1:]
    s = scores(method, np.load(state), np.load(features).astype(float))
    e = np.exp(s - s.max(1, keepdims=True))
    with open(output, "w") as file:
        json.dump((e / e.sum(1, keepdims=True)).tolist(), file)


if __name__ == "__main__":
    main()
