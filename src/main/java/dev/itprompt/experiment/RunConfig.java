package dev.itprompt.experiment;

import dev.itprompt.config.ConfigException;
import dev.itprompt.config.YamlNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that a run's results depend on: its configuration, and in comments above it what the configuration only names, such as images.
 *
 * @param facts what there was, by what it is; one line each, in this order
 * @param yaml  the configuration
 */
public record RunConfig(Map<String, String> facts, String yaml) {

    /** The fact that says what else than the graph the bits of results depend on. */
    public static final String ARITHMETIC = "arithmetic";
    private static final String COMMENT = "# ";
    private static final String METHODS = "methods.";
    private static final String RUN = METHODS + "run";
    /** How much is kept for other runs, on which no result depends. */
    private static final Set<String> CACHES = Set.of("image.cache", "featureCache");
    /** Two values that are shown in a message have fewer characters. */
    private static final int LONGEST = 60;

    /** As it is stored. */
    String text() {
        StringBuilder text = new StringBuilder();
        facts.forEach((what, value) -> text.append(COMMENT).append(what).append(": ").append(value).append('\n'));
        return text.append(yaml).toString();
    }

    /** The reverse of {@link #text}. */
    static RunConfig parse(String text) {
        Map<String, String> facts = new LinkedHashMap<>();
        StringBuilder yaml = new StringBuilder();
        for (String line : text.split("(?<=\n)")) {
            int colon = line.indexOf(": ");
            if (line.startsWith(COMMENT) && colon > 0) {
                facts.put(line.substring(COMMENT.length(), colon), line.substring(colon + 2).strip());
            } else {
                yaml.append(line);
            }
        }
        return new RunConfig(facts, yaml.toString());
    }

    /** One of the facts; empty if it is not said. */
    public Optional<String> fact(String what) {
        return Optional.ofNullable(facts.get(what));
    }

    /** The same with the arithmetic of another. */
    RunConfig withArithmeticOf(RunConfig other) {
        Map<String, String> changed = new LinkedHashMap<>(facts);
        changed.put(ARITHMETIC, other.facts.get(ARITHMETIC));
        return new RunConfig(changed, yaml);
    }

    /** The same, saying that it goes on with what was begun with another arithmetic. */
    RunConfig afterArithmeticOf(RunConfig before) {
        String now = facts.get(ARITHMETIC);
        String then = before.fact(ARITHMETIC).orElse("unknown");
        Map<String, String> changed = new LinkedHashMap<>(facts);
        changed.put(ARITHMETIC, then.equals(now) || then.endsWith(", then " + now) ? then : then + ", then " + now);
        return new RunConfig(changed, yaml);
    }

    /**
     * What keeps a run with this configuration from going on with another; which methods are run does not, nor do sizes of caches and settings of a
     * method that only one of them runs. Empty if nothing does.
     */
    public String difference(RunConfig now) {
        Map<String, String> before = values(yaml);
        Map<String, String> after = values(now.yaml);
        Set<String> methods = methods(before);
        methods.retainAll(methods(after));
        Set<String> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        for (String key : keys) {
            boolean counts = !key.equals(RUN) && !CACHES.contains(key) && (!key.startsWith(METHODS) || methods.contains(method(key)));
            if (counts && !before.getOrDefault(key, "").equals(after.getOrDefault(key, ""))) {
                return "with another configuration (" + key + ": " + before.getOrDefault(key, "nothing") + ", now "
                        + after.getOrDefault(key, "nothing") + ")";
            }
        }
        List<String> differing = now.facts.keySet().stream().filter(what -> !now.facts.get(what).equals(facts.get(what)))
                .map(what -> what + values(facts.getOrDefault(what, "not said"), now.facts.get(what))).toList();
        return differing.isEmpty() ? "" : "that differs in its " + String.join(", ", differing);
    }

    /** Hashes and lists of sizes tell nobody anything. */
    private static String values(String before, String now) {
        return before.length() + now.length() < LONGEST ? " (" + before + ", now " + now + ")" : "";
    }

    private static Set<String> methods(Map<String, String> values) {
        return values.keySet().stream().filter(key -> key.startsWith(METHODS)).map(RunConfig::method).collect(Collectors.toSet());
    }

    private static String method(String key) {
        return key.split("\\.")[1];
    }

    /** Values by key; none if the text is no configuration. */
    private static Map<String, String> values(String yaml) {
        Map<String, String> values = new LinkedHashMap<>();
        try {
            collect(YamlNode.parse("", yaml, false), "", values);
        } catch (ConfigException _) {
            values.clear();
        }
        return values;
    }

    private static void collect(YamlNode node, String path, Map<String, String> values) {
        switch (node) {
            case YamlNode.Mapping mapping when !mapping.entries().isEmpty() -> mapping.entries()
                    .forEach((key, value) -> collect(value, path.isEmpty() ? key : path + "." + key, values));
            case YamlNode.Mapping _ -> values.put(path, "{}");
            case YamlNode.Scalar scalar -> values.put(path, "" + scalar.text());
            case YamlNode.Sequence list -> values.put(path, list.items().stream()
                    .map(item -> item instanceof YamlNode.Scalar scalar ? "" + scalar.text() : item.describe())
                    .collect(Collectors.joining(", ", "[", "]")));
        }
    }
}
