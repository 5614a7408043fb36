package dev.itprompt.data;

/** A part of an image, in pixels. */
record Region(int left, int top, int width, int height) { }
