package dev.itprompt.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a run's results depend on: its configuration, and in comments above it what the configuration only names, such as images.
 *
 * @param facts what there was, by what it is; one line each, in this order
 * @param yaml  the configuration
 */
public record RunConfig(Map<String, String> facts, String yaml) {

    private static final String COMMENT = "# ";
    private static final String METHODS = "methods: ";
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

    /** The same with one fact said otherwise. */
    public RunConfig with(String what, String value) {
        Map<String, String> changed = new LinkedHashMap<>(facts);
        changed.put(what, value);
        return new RunConfig(changed, yaml);
    }

    /** What keeps a run with this configuration from going on with another; the methods do not. Empty if nothing does. */
    String difference(RunConfig now) {
        List<String> lines = withoutMethods(yaml);
        List<String> others = withoutMethods(now.yaml);
        for (int i = 0; i < Math.max(lines.size(), others.size()); i++) {
            String before = i < lines.size() ? lines.get(i).strip() : "nothing";
            String after = i < others.size() ? others.get(i).strip() : "nothing";
            if (!before.equals(after)) {
                return "with another configuration (" + before + ", now " + after + ")";
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

    private static List<String> withoutMethods(String yaml) {
        return yaml.lines().filter(line -> !line.startsWith(METHODS)).toList();
    }
}
