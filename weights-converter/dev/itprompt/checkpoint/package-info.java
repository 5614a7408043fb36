/**
 * Checkpoint files: readers, writers and the names of the tensors inside. Entry class:
 * {@link dev.itprompt.checkpoint.SafeTensors}. May use {@code dev.itprompt.tensor} and {@code dev.itprompt.model}.
 */
package dev.itprompt.checkpoint;
