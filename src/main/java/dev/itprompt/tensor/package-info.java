/** Shapes, and float32 memory outside the heap. */
package dev.itprompt.tensor;
