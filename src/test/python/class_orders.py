"""Writes class orders as Python's random.shuffle and NumPy's legacy permutation draw them: generator, seed, the order.

    python3 src/test/python/class_orders.py src/test/resources/dev/itprompt/continual/class-orders.txt
"""
import random
import sys

import numpy as np

with open(sys.argv[1], "w") as f:
    for classes in (10, 100, 200):
        for seed in list(range(11)) + [1993]:
            order = list(range(classes))
            random.seed(seed)
            random.shuffle(order)
            print("python", seed, *order, file=f)
            np.random.seed(seed)
            print("numpy", seed, *np.random.permutation(classes), file=f)
