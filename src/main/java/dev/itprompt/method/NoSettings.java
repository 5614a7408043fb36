package dev.itprompt.method;

/** Of a method that has none. */
public record NoSettings() {}
