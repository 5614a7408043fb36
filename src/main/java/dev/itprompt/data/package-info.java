/**
 * Images in, batches out: readers of IDX files and image folders, resizing as Pillow does it, preprocessing and
 * augmentation. May use {@code dev.itprompt.tensor}.
 */
package dev.itprompt.data;
