/**
 * Experiments: settings read from YAML files and the command line, the methods to compare, the folder a run writes, and its
 * reports. Uses everything below it; knows no device by name.
 */
package dev.itprompt.experiment;
