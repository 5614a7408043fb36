#!/usr/bin/env python3
"""Random accuracy matrices and answers, and what NumPy computes of them: the metrics by name, statistics over seeds, tests.

Writes src/test/resources/dev/itprompt/report/metrics.json. Needs NumPy only: quantiles and tails of Student's t come from its
density, integrated by Simpson's rule.
"""

import json
import math
import pathlib

import numpy as np

BINS = 15
TARGET = pathlib.Path("src/test/resources/dev/itprompt/report/metrics.json")


def student_tail(t, degrees):
    """P(T > t) for t >= 0: 1/2 minus the integral of the density from 0 to t."""
    x = np.linspace(0, t, 200_001)
    log_scale = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - 0.5 * math.log(degrees * math.pi)
    y = np.exp(log_scale) * (1 + x * x / degrees) ** (-(degrees + 1) / 2)
    weights = np.ones_like(x)
    weights[1:-1:2] = 4
    weights[2:-1:2] = 2
    return 0.5 - np.sum(weights * y) * (x[1] - x[0]) / 3


def student_quantile(probability, degrees):
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        if student_tail(middle, degrees) > 1 - probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def metrics(correct, total, initial, labels, tasks, classes, inferred, confidence, count):
    """The metrics of one method; a[t, i] is the accuracy on task i after task t, NaN where it was not measured."""
    a = 100.0 * correct.T / np.where(total.T == 0, np.nan, total.T)
    last = len(a) - 1
    lower = np.tril(a)
    values = {"FAA": np.mean(a[last]), "last": np.mean(a[last])}
    micro = np.array([100.0 * np.sum(correct[:t + 1, t]) / np.sum(total[:t + 1, t]) for t in range(last + 1)])
    values["lastMicro"] = micro[last]
    if not np.isnan(lower).any():
        values["CAA"] = np.mean([np.mean(a[t, :t + 1]) for t in range(last + 1)])
        values["meanMicro"] = np.mean(micro)
        values["meanMicro-pilot"] = np.mean(np.around(micro, 2))
        rounded = np.around(lower, 2)
        old = slice(0, last)

        def mean(x):
            return np.mean(x) if last else 0.0

        values["forgetting-pilot"] = mean((np.max(rounded, axis=0) - rounded[last])[old])
        values["forgetting-mammoth"] = mean((np.max(lower, axis=0) - lower[last])[old])
        values["forgetting-hide"] = mean((np.max(lower[:last + 1], axis=0) - lower[last])[old])
        values["forgetting-vq"] = mean((np.max(lower[:last], axis=0) - lower[last])[old]) if last else 0.0
        values["FFM"] = values["forgetting-vq"]
        drops = [np.sum(lower[t - 1, :t] - lower[t, :t]) / (t + 1) for t in range(1, last + 1)]
        values["forgetting-coda"] = mean(drops)
        diagonal = np.diag(lower)
        values["forgetting-avalanche"] = mean((diagonal - lower[last])[old])
        values["BWT"] = mean((lower[last] - diagonal)[old])
        values["forgetting-libcontinual"] = np.sum((diagonal - lower[last])[:max(0, last - 1)]) / last if last else 0.0
    if last and not np.isnan(a).any():
        values["transfer"] = np.mean([np.mean(a[:i, i]) for i in range(1, last + 1)])
        values["average"] = np.mean(np.mean(a, axis=0))
        if initial is not None:
            values["FWT"] = np.mean([a[i - 1, i] - initial[i] for i in range(1, last + 1)])
    right = classes == labels
    per_class = np.array([100.0 * np.mean(right[labels == c]) for c in range(count)])
    values["classMean"] = np.mean(per_class)
    values["classWorst"] = np.min(per_class)
    if inferred is not None:
        values["taskInferenceAccuracy"] = 100.0 * np.mean(inferred == tasks)
    if confidence is not None:
        error = 0.0
        for b in range(BINS):
            here = (confidence > b / BINS) & (confidence <= (b + 1) / BINS)
            if here.any():
                error += np.sum(here) / len(confidence) * abs(np.mean(right[here]) - np.mean(confidence[here]))
        values["ECE"] = 100.0 * error
    return values, per_class


def case(random, tasks, per_task, complete, future, scores):
    count = tasks * per_task
    sizes = random.integers(3, 40, size=count)
    total_per_task = sizes.reshape(tasks, per_task).sum(axis=1)
    labels = np.repeat(np.arange(count), sizes)
    owner = labels // per_task
    classes = np.where(random.random(len(labels)) < 0.6, labels, random.integers(0, count, size=len(labels)))
    inferred = np.where(random.random(len(labels)) < 0.7, owner, random.integers(0, tasks, size=len(labels))) if scores else None
    confidence = np.round(random.uniform(0.01, 1, size=len(labels)), 6) if scores else None
    correct = np.zeros((tasks, tasks), dtype=int)
    total = np.zeros((tasks, tasks), dtype=int)
    for j in range(tasks):
        for t in range(tasks):
            if t == tasks - 1:
                correct[j, t] = np.sum((classes == labels)[owner == j])
            elif complete and t >= j or future:
                correct[j, t] = random.integers(0, total_per_task[j] + 1)
            else:
                continue
            total[j, t] = total_per_task[j]
    initial = np.round(random.uniform(0, 60, size=tasks), 3) if future else None
    values, per_class = metrics(correct, total, initial, labels, owner, classes, inferred, confidence, count)
    confusion = np.zeros((count, count), dtype=int)
    np.add.at(confusion, (labels, classes), 1)
    task_confusion = np.zeros((tasks, tasks), dtype=int)
    if scores:
        np.add.at(task_confusion, (owner, inferred), 1)
    return {"tasks": tasks, "perTask": per_task, "correct": correct.tolist(), "total": total.tolist(),
            "initial": [] if initial is None else initial.tolist(), "labels": labels.tolist(), "classes": classes.tolist(),
            "inferred": [] if inferred is None else inferred.tolist(), "confidence": [] if confidence is None else confidence.tolist(),
            "metrics": {key: float(value) for key, value in values.items()}, "perClass": per_class.tolist(), "confusion": confusion.tolist(),
            "taskConfusion": task_confusion.tolist() if scores else []}


def main():
    random = np.random.default_rng(20)
    cases = [case(random, *shape) for shape in [
        (1, 3, True, False, True), (2, 2, True, False, False), (3, 1, True, True, True), (5, 2, True, False, True), (7, 2, True, True, False),
        (4, 2, False, False, False), (6, 1, True, True, True)]]
    seeds = []
    for n in (1, 2, 3, 5, 10):
        first = np.round(random.normal(80, 2, size=n), 4)
        second = np.round(first + random.normal(0.7, 1, size=n), 4)
        difference = second - first
        entry = {"first": first.tolist(), "second": second.tolist(), "mean": float(np.mean(first)), "population": float(np.std(first))}
        if n > 1:
            sample = float(np.std(first, ddof=1))
            t = float(np.mean(difference) / (np.std(difference, ddof=1) / math.sqrt(n)))
            entry.update(sample=sample, halfWidth=student_quantile(0.975, n - 1) * sample / math.sqrt(n), t=t,
                         p=float(2 * student_tail(abs(t), n - 1)))
        seeds.append(entry)
    splits = []
    for b, c in [(0, 0), (0, 1), (0, 6), (3, 9), (10, 10), (25, 40), (150, 220), (3, 400)]:
        n, k = b + c, min(b, c)
        tail = sum(math.comb(n, i) for i in range(k + 1))
        splits.append({"onlyFirst": b, "onlySecond": c, "p": min(1.0, 2 * tail / 2 ** n)})
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps({"cases": cases, "seeds": seeds, "mcnemar": splits}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
