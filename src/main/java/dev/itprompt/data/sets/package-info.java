/**
 * The data sets of the field as they are published: one small class each, all of them in {@link dev.itprompt.data.sets.Datasets}. A
 * class knows the layout of the files, the official split, the names of the classes and what is known of counts and hashes; images
 * are decoded when they are asked for. May use {@code dev.itprompt.data} and {@code dev.itprompt.pickle}.
 */
package dev.itprompt.data.sets;
