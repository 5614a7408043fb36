package dev.itprompt.config;

import dev.itprompt.NearestMatch;
import dev.itprompt.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named groups of values that take the place of a section's defaults, such as the published settings of a benchmark.
 *
 * @param presets values by key below the section, by name
 */
public record Presets(Map<String, YamlNode.Mapping> presets) {

    /**
     * Reads a resource.
     *
     * @param owner the record that it stands beside
     */
    public static Presets read(Class<?> owner, String resource) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + resource + " beside " + owner.getName());
            }
            YamlNode root = YamlNode.parse(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8), true);
            Map<String, YamlNode.Mapping> presets = new LinkedHashMap<>();
            ((YamlNode.Mapping) root).entries().forEach((name, values) -> presets.put(name, (YamlNode.Mapping) values));
            return new Presets(presets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All names that may be chosen, the one for no preset first. */
    public List<String> names() {
        List<String> names = new ArrayList<>(List.of(Setting.NO_PRESET));
        names.addAll(presets.keySet());
        return names;
    }

    /**
     * The values of one, by key below the section; their source names the preset.
     *
     * @param key    that chooses, for messages
     * @param chosen its value
     * @throws ConfigException if there is none of this name
     */
    public Map<String, YamlNode> values(String key, YamlNode chosen) {
        String name = chosen instanceof YamlNode.Scalar scalar ? scalar.text() : null;
        if (Setting.NO_PRESET.equals(name)) {
            return Map.of();
        }
        if (name == null || !presets.containsKey(name)) {
            throw new ConfigException(chosen.source(), key, "expected a preset, found " + chosen.describe()
                    + (name == null ? "" : NearestMatch.hint(name, names())));
        }
        Map<String, YamlNode> values = new LinkedHashMap<>();
        flatten(presets.get(name), "", "preset " + name, values);
        return values;
    }

    private static void flatten(YamlNode.Mapping section, String prefix, String source, Map<String, YamlNode> values) {
        section.entries().forEach((key, node) -> {
            switch (node) {
                case YamlNode.Mapping nested -> flatten(nested, prefix + key + ".", source, values);
                case YamlNode.Scalar scalar -> values.put(prefix + key, new YamlNode.Scalar(source, scalar.text()));
                case YamlNode.Sequence list -> values.put(prefix + key, new YamlNode.Sequence(source, list.items()));
            }
        });
    }
}
