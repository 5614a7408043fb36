/**
 * YAML files and command-line overrides as records: keys with meaning, range and default, presets, one-line errors that name the key
 * at fault and the nearest right one.
 */
package dev.itprompt.config;
