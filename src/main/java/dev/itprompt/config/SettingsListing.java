package dev.itprompt.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Settings as text for people. */
public final class SettingsListing {

    private SettingsListing() {}

    /**
     * Every key with its default, what it allows and what it means, by section.
     *
     * @param sections whose keys are shown, by path; "" is that of the top
     * @param width    longest line, in characters
     */
    public static String keys(SettingsSchema schema, Predicate<String> sections, int width) {
        StringBuilder text = new StringBuilder();
        int name = schema.keys().values().stream().mapToInt(k -> k.name().length()).max().orElse(0);
        int value = Math.min(24, schema.keys().values().stream().mapToInt(k -> shown(k).length()).max().orElse(0));
        if (sections.test("")) {
            section(text, schema, "", name, value, width);
        }
        schema.sections().forEach((path, meaning) -> {
            if (sections.test(path)) {
                text.append(text.isEmpty() ? "" : "\n");
                String lead = "";
                for (String line : wrap(path + ": " + meaning, width - 2)) {
                    text.append(lead).append(line).append('\n');
                    lead = "  ";
                }
                section(text, schema, path, name, value, width);
            }
        });
        return text.toString();
    }

    private static void section(StringBuilder text, SettingsSchema schema, String section, int name, int value, int width) {
        for (SettingsSchema.Key key : schema.keys().values()) {
            if (!key.section().equals(section)) {
                continue;
            }
            String lead = "  %-" + name + "s  %-" + value + "s  ";
            String blanks = " ".repeat(6 + name + value);
            String first = String.format(Locale.ROOT, lead, key.name(), shown(key));
            if (first.length() > 6 + name + value) {
                text.append(first.stripTrailing()).append('\n');
                first = blanks;
            }
            for (String line : wrap(key.setting().meaning() + allowed(key), Math.max(30, width - 6 - name - value))) {
                text.append(first).append(line).append('\n');
                first = blanks;
            }
        }
    }

    private static String shown(SettingsSchema.Key key) {
        return key.setting().byDefault().isEmpty() ? "(required)" : key.setting().byDefault();
    }

    private static String allowed(SettingsSchema.Key key) {
        if (key.expected().startsWith("one of ")) {
            String meaning = key.setting().meaning();
            String names = key.expected().substring("one of ".length());
            return List.of(names.split(", ")).stream().allMatch(meaning::contains) ? "" : " (" + key.expected() + ")";
        }
        String range = SettingsSchema.range(key.setting(), SettingsSchema.isWhole(key.type()));
        return range.isEmpty() ? "" : " (" + range + ")";
    }

    /** Every key with its value and where the value was given. */
    public static String origins(Configuration<?> configuration) {
        Map<String, Configuration.Value> values = configuration.values();
        int key = values.keySet().stream().mapToInt(String::length).max().orElse(0);
        int value = Math.min(40, values.values().stream().mapToInt(v -> v.text().length()).max().orElse(0));
        String line = "%-" + key + "s  %-" + value + "s  %s";
        StringBuilder text = new StringBuilder();
        values.forEach((path, v) -> text.append(String.format(Locale.ROOT, line, path, v.text(), v.source()).stripTrailing())
                .append('\n'));
        return text.toString();
    }

    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" +")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
