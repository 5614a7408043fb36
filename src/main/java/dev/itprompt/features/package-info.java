/**
 * Features of many images as files for others to read: shards, each a pure function of a job, and the manifest over them. May use
 * {@code dev.itprompt.experiment} and what stands below it; knows no command line.
 */
package dev.itprompt.features;
