/**
 * What methods of continual learning on a frozen model have in common; each has a package of its own below. A {@link
 * dev.itprompt.method.Method} has a settings record, says what it needs and what it answers, and makes a {@link
 * dev.itprompt.method.Learner}; all stand in {@link dev.itprompt.method.Registry}. They describe their training steps as graphs and run
 * them on whatever device they are given.
 */
package dev.itprompt.method;
