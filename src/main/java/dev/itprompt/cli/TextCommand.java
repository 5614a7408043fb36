package dev.itprompt.cli;

/**
 * A command that reads and writes text alone. The launcher starts it without the vector module, as it does help, so that the JVM takes classes from
 * its cache already linked; its name stands there.
 */
interface TextCommand {}
