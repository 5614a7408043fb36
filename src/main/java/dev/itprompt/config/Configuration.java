package dev.itprompt.config;

import dev.itprompt.Excerpt;
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
import java.util.stream.Stream;

/**
 * A settings record made from its defaults, a YAML file and the command line, each of which overrides the ones before it,
 * together with where each value comes from.
 *
 * @param <R> the settings record; every component has a {@link Setting}
 */
public final class Configuration<R extends Record> {

    private static final String DEFAULT = "default";
    private static final int LONGEST_PROBLEM = 200;
    private static final int LONGEST_ASSIGNMENT = 80;

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
        return new Builder<>(type, new SettingsSchema(type));
    }

    /** Starts with the defaults of a record with a component of type {@link Chosen}. */
    public static <R extends Record> Builder<R> of(Class<R> type, Catalog<?> catalog) {
        return new Builder<>(type, new SettingsSchema(type, catalog));
    }

    /** The settings. */
    public R settings() {
        return settings;
    }

    /** Every value by key, in the order of the schema; of a catalog's entries those of the chosen ones. */
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
        Builder<R> changed = new Builder<>(origin.type, origin.schema);
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
            if (value instanceof Record nested && component.getAnnotation(Setting.class).inline()) {
                append(yaml, nested, indent);
                continue;
            }
            yaml.append(indent).append(component.getName()).append(':');
            if (value instanceof Chosen<?> chosen) {
                yaml.append('\n');
                append(yaml, chosen, indent + "  ");
            } else if (value instanceof Record nested) {
                yaml.append('\n');
                append(yaml, nested, indent + "  ");
            } else {
                yaml.append(' ').append(text(value)).append('\n');
            }
        }
    }

    /** An own variant of a variant becomes one of the kind, since all values are written. */
    private static void append(StringBuilder yaml, Chosen<?> chosen, String indent) {
        yaml.append(indent).append(SettingsSchema.RUN).append(": ").append(text(chosen.names())).append('\n');
        for (Chosen.Entry<?> entry : chosen.entries()) {
            StringBuilder section = new StringBuilder();
            if (!entry.of().isEmpty()) {
                section.append(indent).append("  ").append(SettingsSchema.OF).append(": ").append(entry.kind().name()).append('\n');
            }
            append(section, entry.settings(), indent + "  ");
            yaml.append(indent).append(entry.name()).append(section.isEmpty() ? ": {}\n" : ":\n").append(section);
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
        private SettingsSchema schema;
        private final Map<String, YamlNode> given = new LinkedHashMap<>();
        private String name = "command line";

        private Builder(Class<R> type, SettingsSchema schema) {
            this.type = type;
            this.schema = schema;
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

        /**
         * Takes the values of a section that stands in a file of another kind; keys may be whole paths, such as
         * {@code methods.it-prompt.rate}.
         *
         * @throws ConfigException if a key is not known
         */
        public Builder<R> section(YamlNode.Mapping section) {
            return take(section);
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
                if (schema.isCatalog(path)) {
                    collectCatalog(node, path);
                } else if (schema.keys().containsKey(path)) {
                    given.put(path, node);
                } else if (!schema.sections().containsKey(path)) {
                    throw unknown(node.source(), path);
                } else if (node instanceof YamlNode.Mapping nested) {
                    collect(nested, path + ".");
                } else if (!isNothing(node)) {
                    throw ConfigException.expected(node.source(), path, "a section with keys of its own", node.describe());
                }
            });
        }

        private static boolean isNothing(YamlNode node) {
            return node instanceof YamlNode.Scalar scalar && scalar.text() == null
                    || node instanceof YamlNode.Mapping mapping && mapping.entries().isEmpty();
        }

        /** A list of names, or a section with names for keys: all of them are chosen if the key {@code run} does not say which. */
        private void collectCatalog(YamlNode node, String path) {
            switch (node) {
                case YamlNode.Sequence names -> given.put(path + "." + SettingsSchema.RUN, names);
                case YamlNode.Mapping mapping when !mapping.entries().isEmpty() -> {
                    Map<String, YamlNode> entries = new LinkedHashMap<>(mapping.entries());
                    List<YamlNode> names = entries.keySet().stream()
                            .map(entry -> (YamlNode) new YamlNode.Scalar(entries.get(entry).source(), entry)).toList();
                    YamlNode run = entries.remove(SettingsSchema.RUN);
                    given.put(path + "." + SettingsSchema.RUN, run == null ? new YamlNode.Sequence(node.source(), names) : run);
                    addVariants(entries);
                    entries.keySet().removeIf(entry -> isAnswer(entry, entries.get(entry)));
                    collect(new YamlNode.Mapping(node.source(), entries), path + ".");
                }
                default -> {
                    if (!isNothing(node)) {
                        throw ConfigException.expected(node.source(), path, "a list of names, or a section with names for keys",
                                node.describe());
                    }
                }
            }
        }

        /** Whether a name is that of a further answer of some entry, which has no settings of its own. */
        private boolean isAnswer(String answer, YamlNode node) {
            if (schema.entries().contains(answer) || !schema.names().contains(answer)) {
                return false;
            }
            if (!isNothing(node)) {
                throw ConfigException.expected(node.source(), schema.path(answer), "nothing, since it has the settings of "
                        + schema.path(schema.entryOf(answer)), node.describe());
            }
            return true;
        }

        /** Makes known what entries of a catalog say to be a variant of another, in whatever order they stand. */
        private void addVariants(Map<String, YamlNode> entries) {
            Map<String, YamlNode> of = new LinkedHashMap<>();
            entries.forEach((entry, node) -> {
                if (node instanceof YamlNode.Mapping mapping && mapping.entries().containsKey(SettingsSchema.OF)) {
                    of.put(entry, mapping.entries().get(SettingsSchema.OF));
                }
            });
            while (!of.isEmpty()) {
                String next = of.keySet().stream().filter(entry -> !of.containsKey(text(of.get(entry)))).findFirst()
                        .orElse(of.keySet().iterator().next());
                addVariant(next, of.remove(next));
            }
        }

        private void addVariant(String entry, YamlNode of) {
            String path = schema.path(entry) + "." + SettingsSchema.OF;
            if (schema.isOwn(entry) && schema.variant(entry).orElseThrow().of().equals(text(of))) {
                return;
            }
            if (schema.names().contains(entry) || entry.equals(SettingsSchema.RUN)) {
                throw new ConfigException(of.source(), path, "there is a " + schema.what() + " of this name; give the variant another one");
            }
            if (!entry.matches("[a-z0-9][a-z0-9_-]*")) {
                throw ConfigException.expected(of.source(), path, "a name of small letters, digits, '-' and '_'", "'" + entry + "'");
            }
            if (!schema.entries().contains(text(of))) {
                throw new ConfigException(of.source(), path, "unknown " + schema.what() + " " + of.describe()
                        + SettingsSchema.meant(text(of), schema.entries()));
            }
            for (Kind.Answer answer : schema.kind(text(of)).answers()) {
                if (schema.names().contains(entry + answer.suffix())) {
                    throw new ConfigException(of.source(), path, "its answer " + entry + answer.suffix() + " has the name of another "
                            + schema.what() + "; give the variant another one");
                }
            }
            schema = schema.with(entry, text(of));
        }

        private static String text(YamlNode node) {
            return node instanceof YamlNode.Scalar scalar && scalar.text() != null ? scalar.text() : "";
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
            String source = option + " " + Excerpt.of(assignment, LONGEST_ASSIGNMENT);
            if (equals <= 0) {
                throw ConfigException.expected(source, "", "key=value", "'" + assignment + "'");
            }
            String path = assignment.substring(0, equals).strip();
            String text = assignment.substring(equals + 1).strip();
            if (schema.isCatalog(path)) {
                path += "." + SettingsSchema.RUN;
            }
            if (path.endsWith("." + SettingsSchema.OF) && schema.entryAt(path).isPresent()) {
                addVariant(schema.entryAt(path).get(), new YamlNode.Scalar(source, text));
            }
            if (!schema.keys().containsKey(path)) {
                if (schema.sections().containsKey(path)) {
                    throw ConfigException.expected(source, path, "a key of this section, such as " + firstKey(path), "the section");
                }
                throw unknown(source, path);
            }
            given.put(path, node(source, schema.keys().get(path), text));
            return this;
        }

        /** The value of a key in an assignment. */
        private static YamlNode node(String source, SettingsSchema.Key key, String text) {
            if (key.type() == String.class) {
                return new YamlNode.Scalar(source, unquoted(text));
            }
            boolean bareList = SettingsSchema.elementType(key.type()) != null && !text.startsWith("[");
            return YamlNode.parse(source, bareList ? "[" + text + "]" : text.isEmpty() ? "''" : text, false);
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
            Map<String, YamlNode> variants = variants();
            Map<String, YamlNode> presets = presets(variants);
            Map<String, Value> values = new LinkedHashMap<>();
            for (SettingsSchema.Key key : schema.keys().values()) {
                if (schema.entryAt(key.path()).isEmpty()) {
                    values.put(key.path(), value(key, variants, presets));
                }
            }
            List<String> chosen = chosen(values);
            for (SettingsSchema.Key key : schema.keys().values()) {
                if (schema.entryAt(key.path()).filter(entry -> chosen.contains(entry) || isGiven(entry)).isPresent()) {
                    values.put(key.path(), value(key, variants, presets));
                }
            }
            R settings = type.cast(construct(type, "", values));
            Map<String, Value> shown = new LinkedHashMap<>();
            schema.keys().values().stream().filter(key -> schema.concerns(key.path(), chosen))
                    .forEach(key -> shown.put(key.path(), values.get(key.path())));
            return new Configuration<>(settings, shown, this);
        }

        private Value value(SettingsSchema.Key key, Map<String, YamlNode> variants, Map<String, YamlNode> presets) {
            YamlNode node = node(key.path(), variants, presets);
            String source = node == null ? DEFAULT : node.source();
            if (node == null) {
                if (key.setting().byDefault().isEmpty()) {
                    throw new ConfigException(name, key.path(), "must be given: " + key.setting().meaning());
                }
                node = YamlNode.parse(DEFAULT, key.setting().byDefault(), false);
            }
            return new Value(key, convert(key, key.type(), node), source);
        }

        /** What is given for a key: by somebody, else by the variant, else by a preset, else for what this is a variant of; or null. */
        private YamlNode node(String path, Map<String, YamlNode> variants, Map<String, YamlNode> presets) {
            for (Map<String, YamlNode> values : List.of(given, variants, presets)) {
                if (values.containsKey(path)) {
                    return values.get(path);
                }
            }
            return schema.entryAt(path).flatMap(entry -> schema.variant(entry)
                    .map(variant -> node(schema.path(variant.of()) + path.substring(schema.path(entry).length()), variants, presets)))
                    .orElse(null);
        }

        /** Whether a value is given for an entry of a catalog, which may be for use by others. */
        private boolean isGiven(String entry) {
            return given.keySet().stream().anyMatch(path -> path.startsWith(schema.path(entry) + "."));
        }

        /** The values that the catalog's variants give. */
        private Map<String, YamlNode> variants() {
            Map<String, YamlNode> values = new LinkedHashMap<>();
            for (String entry : schema.entries()) {
                schema.variant(entry).ifPresent(variant -> variant.set().forEach(assignment -> {
                    String[] parts = assignment.split("=", 2);
                    String path = schema.path(entry) + "." + parts[0];
                    if (!schema.keys().containsKey(path)) {
                        throw new IllegalStateException("variant " + entry + " has an unknown key " + parts[0]);
                    }
                    values.put(path, node("variant " + entry, schema.keys().get(path), parts[1]));
                }));
            }
            return values;
        }

        /** The values of all presets chosen, by key. */
        private Map<String, YamlNode> presets(Map<String, YamlNode> variants) {
            Map<String, YamlNode> values = new LinkedHashMap<>();
            for (SettingsSchema.Key key : schema.keys().values()) {
                YamlNode chosen = key.namesPreset() ? given.getOrDefault(key.path(), variants.get(key.path())) : null;
                if (chosen != null) {
                    String section = key.section().isEmpty() ? "" : key.section() + ".";
                    key.presets().values(key.path(), chosen).forEach((name, node) -> {
                        if (!schema.keys().containsKey(section + name)) {
                            throw new IllegalStateException(node.source() + " has an unknown key " + section + name);
                        }
                        values.put(section + name, node);
                    });
                }
            }
            return values;
        }

        /** Entries of the catalog that are chosen, each once; none without a catalog. */
        private List<String> chosen(Map<String, Value> values) {
            Value run = schema.keys().values().stream().filter(key -> schema.isCatalog(key.section())).findFirst()
                    .map(key -> values.get(key.path())).orElse(null);
            return run == null ? List.of() : names(run).stream().map(schema::entryOf).distinct().toList();
        }

        /** The names that were chosen. */
        private List<String> names(Value run) {
            String section = run.key().section();
            List<String> names = ((List<?>) run.value()).stream().map(String.class::cast).toList();
            String source = run.source().equals(DEFAULT) ? name : run.source();
            names.forEach(chosen -> schema.requireEntry(source, chosen));
            if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
                throw new ConfigException(source, section, "expected one or more different names, found " + Excerpt.of(names.toString(), LONGEST_ASSIGNMENT));
            }
            return names.stream().flatMap(chosen -> schema.answersAlone(chosen) ? Stream.of(chosen) : Stream.of(schema.entryOf(chosen), chosen))
                    .distinct().toList();
        }

        private Record construct(Class<?> recordType, String prefix, Map<String, Value> values) {
            RecordComponent[] components = recordType.getRecordComponents();
            Object[] arguments = Arrays.stream(components).map(component -> argument(component, prefix, values)).toArray();
            try {
                Constructor<?> constructor = recordType.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true);
                return (Record) constructor.newInstance(arguments);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof InputException || e.getCause() instanceof IllegalArgumentException) {
                    throw new ConfigException(name, prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1),
                            Excerpt.of(e.getCause().getMessage(), LONGEST_PROBLEM));
                }
                throw new IllegalStateException("cannot make " + recordType.getName(), e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot make " + recordType.getName(), e);
            }
        }

        private Object argument(RecordComponent component, String prefix, Map<String, Value> values) {
            String path = prefix + component.getName();
            if (component.getType() == Chosen.class) {
                return choose(names(values.get(path + "." + SettingsSchema.RUN)), values);
            }
            if (component.getType().isRecord()) {
                return construct(component.getType(), component.getAnnotation(Setting.class).inline() ? prefix : path + ".", values);
            }
            return values.get(path).value();
        }

        /** Entries that are not chosen, but for which somebody gave a value, are made as well, so that faults show. */
        private Chosen<?> choose(List<String> names, Map<String, Value> values) {
            List<String> chosen = names.stream().map(schema::entryOf).distinct().toList();
            schema.entries().stream().filter(entry -> !chosen.contains(entry) && isGiven(entry)).forEach(entry -> entry(entry, values));
            return new Chosen<>(names, chosen.stream().map(entry -> entry(entry, values)).toList());
        }

        private Chosen.Entry<Kind<?>> entry(String entry, Map<String, Value> values) {
            Kind<?> kind = schema.kind(entry);
            return new Chosen.Entry<>(entry, schema.isOwn(entry) ? schema.variant(entry).orElseThrow().of() : "", kind,
                    construct(kind.settings(), schema.path(entry) + ".", values));
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
