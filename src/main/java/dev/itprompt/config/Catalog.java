package dev.itprompt.config;

import java.util.List;

/**
 * What a configuration may choose of.
 *
 * @param what     what one of them is called in messages, such as {@code method}
 * @param kinds    all there are, by different names
 * @param variants of them, by further names; those of a configuration come on top
 */
public record Catalog<K extends Kind<?>>(String what, List<K> kinds, List<Variant> variants) {

    /**
     * The kind of a name.
     *
     * @throws java.util.NoSuchElementException if there is none
     */
    public K kind(String name) {
        return kinds.stream().filter(kind -> kind.name().equals(name)).findFirst().orElseThrow();
    }
}
