package dev.itprompt.method.replay;

/** How classifiers move when pseudo-features are replayed. */
public enum ReplayOptimizer { SGD, ADAMW }
