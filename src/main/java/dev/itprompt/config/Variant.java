package dev.itprompt.config;

import java.util.List;

/**
 * A kind, or another variant, with some settings changed.
 *
 * @param name    what it is called
 * @param of      what it is a variant of; it has all settings of that which it does not change
 * @param meaning in a line
 * @param set     {@code key=value}, keys below the section of that kind
 */
public record Variant(String name, String of, String meaning, List<String> set) {}
