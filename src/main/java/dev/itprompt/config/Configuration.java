package dev.itprompt.config;

import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import dev.itprompt.Setting;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A settings record made from its defaults, a YAML file and the command line, each of which overrides the ones before it,
 * together with where each value comes from.
 *
 * @param <R> the settings record; every component has a {@link Setting}
 */
public final class Configuration<R extends Record> {

    private static final String DEFAULT = "default";

    /**
     * One value.
     *
     * @param key    its key
     * @param value  the value
     * @param source where it was given: {@code default}, {@code file:line} or an option
     */
    public record Value(SettingsSchema.Key key, Object value, String source) {

        /** The value as YAML. */
        public String text() {
            return Configuration.text(value);
        }
    }

    private final R settings;
    private final Map<String, Value> values;
    private final Builder<R> origin;

    private Configuration(R settings, Map<String, Value> values, Builder<R> origin) {
        this.settings = settings;
        this.values = values;
        this.origin = origin;
    }

    /** Starts with the defaults. */
    public static <R extends Record> Builder<R> of(Class<R> type) {
        return new Builder<>(type);
    }

    /** The settings. */
    public R settings() {
        return settings;
    }

    /** Every value by key, in the order of the schema. */
    public Map<String, Value> values() {
        return values;
    }

    /** Whether a key's value was given by somebody and is no default. */
    public boolean isGiven(String key) {
        return !values.get(key).source().equals(DEFAULT);
    }

    /**
     * The same with other values for some keys.
     *
     * @param source      why, as the origin of these values
     * @param assignments as {@link Builder#set} takes them
     */
    public Configuration<R> with(String source, List<String> assignments) {
        Builder<R> changed = new Builder<>(origin.type);
        changed.given.putAll(origin.given);
        changed.name = origin.name;
        assignments.forEach(assignment -> changed.set(source, assignment));
        return changed.build();
    }

    /** All values as a YAML file that gives the same settings. */
    public String toYaml() {
        StringBuilder yaml = new StringBuilder();
        append(yaml, settings, "");
        return yaml.toString();
    }

    private static void append(StringBuilder yaml, Record section, String indent) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            Object value = component(section, component);
            yaml.append(indent).append(component.getName()).append(':');
            if (value instanceof Record nested) {
                yaml.append('\n');
                append(yaml, nested, indent + "  ");
            } else {
                yaml.append(' ').append(text(value)).append('\n');
            }
        }
    }

    private static Object component(Record section, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    private static String text(Object value) {
        return switch (value) {
            case List<?> list -> list.stream().map(Configuration::text).collect(Collectors.joining(", ", "[", "]"));
            case Enum<?> constant -> SettingsSchema.enumName(constant);
            case String s when s.matches("[A-Za-z][A-Za-z0-9_./-]*") && !s.matches("(?i)null|true|false") -> s;
            case String s -> quoted(s);
            default -> value.toString();
        };
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c < 32 || c == 127) {
                quoted.append(String.format(Locale.ROOT, "\\x%02x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }

    /** Collects what overrides the defaults; later calls override earlier ones. */
    public static final class Builder<R extends Record> {

        private final Class<R> type;
        private final SettingsSchema schema;
        private final Map<String, YamlNode> given = new LinkedHashMap<>();
        private String name = "command line";

        private Builder(Class<R> type) {
            this.type = type;
            this.schema = new SettingsSchema(type);
        }

        /**
         * Takes the values of a YAML file.
         *
         * @throws InputException if it cannot be read
         * @throws ConfigException if it is no YAML or has a key that is not known
         */
        public Builder<R> file(Path file) {
            name = file.toString();
            return take(YamlNode.read(file));
        }

        /** Takes the values of YAML text; {@code name} stands for a file's name in messages. */
        public Builder<R> text(String name, String yaml) {
            this.name = name;
            return take(YamlNode.parse(name, yaml, true));
        }

        private Builder<R> take(YamlNode root) {
            if (root instanceof YamlNode.Mapping mapping) {
                collect(mapping, "");
            } else if (!(root instanceof YamlNode.Scalar scalar && scalar.text() == null)) {
                throw ConfigException.expected(root.source(), "", "keys with values", root.describe());
            }
            return this;
        }

        private void collect(YamlNode.Mapping mapping, String prefix) {
            mapping.entries().forEach((key, node) -> {
                String path = prefix + key;
                if (schema.keys().containsKey(path)) {
                    given.put(path, node);
                } else if (!schema.sections().containsKey(path)) {
                    throw unknown(node.source(), path);
                } else if (node instanceof YamlNode.Mapping nested) {
                    collect(nested, path + ".");
                } else if (!(node instanceof YamlNode.Scalar scalar && scalar.text() == null)) {
                    throw ConfigException.expected(node.source(), path, "a section with keys of its own", node.describe());
                }
            });
        }

        private ConfigException unknown(String source, String path) {
            List<String> names = new ArrayList<>(schema.sections().keySet());
            names.addAll(schema.keys().keySet());
            return ConfigException.unknownKey(source, path, names);
        }

        /**
         * Takes one assignment.
         *
         * @param option     the option it was given with, for messages, such as {@code --set}
         * @param assignment {@code key=value}, the value written as in YAML; a list may do without its brackets
         * @throws ConfigException if it is no assignment or the key is not known
         */
        public Builder<R> set(String option, String assignment) {
            int equals = assignment.indexOf('=');
            String source = option + " " + assignment;
            if (equals <= 0) {
                throw ConfigException.expected(source, "", "key=value", "'" + assignment + "'");
            }
            String path = assignment.substring(0, equals).strip();
            if (!schema.keys().containsKey(path)) {
                if (schema.sections().containsKey(path)) {
                    throw ConfigException.expected(source, path, "a key of this section, such as " + firstKey(path), "the section");
                }
                throw unknown(source, path);
            }
            String text = assignment.substring(equals + 1).strip();
            SettingsSchema.Key key = schema.keys().get(path);
            if (key.type() == String.class) {
                given.put(path, new YamlNode.Scalar(source, unquoted(text)));
            } else {
                boolean bareList = SettingsSchema.elementType(key.type()) != null && !text.startsWith("[");
                given.put(path, YamlNode.parse(source, bareList ? "[" + text + "]" : text.isEmpty() ? "''" : text, false));
            }
            return this;
        }

        private static String unquoted(String text) {
            boolean quoted = text.length() >= 2 && text.charAt(0) == text.charAt(text.length() - 1)
                    && (text.charAt(0) == '"' || text.charAt(0) == '\'');
            return quoted ? text.substring(1, text.length() - 1) : text;
        }

        private String firstKey(String section) {
            return schema.keys().keySet().stream().filter(k -> k.startsWith(section + ".")).findFirst().orElse(section);
        }

        /**
         * Makes the record.
         *
         * @throws ConfigException if a value has a wrong type or is out of range, or a key without default is not given
         */
        public Configuration<R> build() {
            Map<String, Value> values = new LinkedHashMap<>();
            Map<String, YamlNode> presets = presets();
            for (SettingsSchema.Key key : schema.keys().values()) {
                YamlNode node = given.getOrDefault(key.path(), presets.get(key.path()));
                String source = node == null ? DEFAULT : node.source();
                if (node == null) {
                    if (key.setting().byDefault().isEmpty()) {
                        throw new ConfigException(name, key.path(), "must be given: " + key.setting().meaning());
                    }
                    node = YamlNode.parse(DEFAULT, key.setting().byDefault(), false);
                }
                values.put(key.path(), new Value(key, convert(key, key.type(), node), source));
            }
            return new Configuration<>(type.cast(construct(type, "", values)), values, this);
        }

        /** The values of all presets chosen, by key. */
        private Map<String, YamlNode> presets() {
            Map<String, YamlNode> values = new LinkedHashMap<>();
            for (SettingsSchema.Key key : schema.keys().values()) {
                if (key.namesPreset() && given.containsKey(key.path())) {
                    String section = key.section().isEmpty() ? "" : key.section() + ".";
                    key.presets().values(key.path(), given.get(key.path())).forEach((name, node) -> {
                        if (!schema.keys().containsKey(section + name)) {
                            throw new IllegalStateException(node.source() + " has an unknown key " + section + name);
                        }
                        values.put(section + name, node);
                    });
                }
            }
            return values;
        }

        private Record construct(Class<?> recordType, String prefix, Map<String, Value> values) {
            RecordComponent[] components = recordType.getRecordComponents();
            Object[] arguments = Arrays.stream(components).map(component -> component.getType().isRecord()
                    ? construct(component.getType(), prefix + component.getName() + ".", values)
                    : values.get(prefix + component.getName()).value()).toArray();
            try {
                Constructor<?> constructor = recordType.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true);
                return (Record) constructor.newInstance(arguments);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof InputException || e.getCause() instanceof IllegalArgumentException) {
                    throw new ConfigException(name, prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1),
                            e.getCause().getMessage());
                }
                throw new IllegalStateException("cannot make " + recordType.getName(), e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot make " + recordType.getName(), e);
            }
        }

        private static Object convert(SettingsSchema.Key key, Type type, YamlNode node) {
            Class<?> element = SettingsSchema.elementType(type);
            if (element != null) {
                if (!(node instanceof YamlNode.Sequence sequence)) {
                    throw wrong(key, node);
                }
                return sequence.items().stream().map(item -> convert(key, element, item)).toList();
            }
            if (!(node instanceof YamlNode.Scalar scalar) || scalar.text() == null) {
                throw wrong(key, node);
            }
            try {
                return scalar((Class<?>) type, key.setting(), scalar.text());
            } catch (IllegalArgumentException e) {
                if (((Class<?>) type).isEnum()) {
                    List<String> names = Arrays.stream(((Class<?>) type).getEnumConstants()).map(SettingsSchema::enumName).toList();
                    String hint = NearestMatch.of(scalar.text(), names).map(n -> "; did you mean '" + n + "'?").orElse("");
                    throw ConfigException.expected(node.source(), key.path(), key.expected(), node.describe() + hint);
                }
                throw wrong(key, node);
            }
        }

        private static ConfigException wrong(SettingsSchema.Key key, YamlNode node) {
            return ConfigException.expected(node.source(), key.path(), key.expected(), node.describe());
        }

        private static Object scalar(Class<?> type, Setting setting, String text) {
            if (type == String.class) {
                return text;
            }
            if (type == boolean.class) {
                return switch (text) {
                    case "true", "True", "TRUE" -> true;
                    case "false", "False", "FALSE" -> false;
                    default -> throw new IllegalArgumentException();
                };
            }
            if (type.isEnum()) {
                String name = text.replace('_', '-');
                return Arrays.stream(type.getEnumConstants()).filter(constant -> SettingsSchema.enumName(constant).equals(name))
                        .findFirst().orElseThrow(IllegalArgumentException::new);
            }
            if (!text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
                throw new NumberFormatException();
            }
            Number number;
            if (type == double.class || type == Double.class) {
                number = Double.valueOf(text);
            } else if (type == long.class || type == Long.class) {
                number = Long.valueOf(text);
            } else {
                number = Integer.valueOf(text);
            }
            double value = number.doubleValue();
            if (!(value >= setting.min() && value <= setting.max()) || Double.isInfinite(value)) {
                throw new IllegalArgumentException();
            }
            return number;
        }
    }
}
