/**
 * Features of images on disk, for all runs and processes that compute the same: shards, how they are found, checked and evicted. May use
 * {@code dev.itprompt.data}, {@code dev.itprompt.checkpoint} and what stands below them.
 */
package dev.itprompt.store;
