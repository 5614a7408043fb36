/**
 * Images in, batches out: readers of IDX files and image folders, decoding and resizing as Pillow does it,
 * preprocessing and its configuration file, augmentation. May use {@code dev.itprompt.tensor}.
 */
package dev.itprompt.data;
