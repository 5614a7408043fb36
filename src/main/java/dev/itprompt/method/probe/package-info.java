/** A linear classifier on frozen features: how much they hold, and what it forgets. */
package dev.itprompt.method.probe;
