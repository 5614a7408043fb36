package dev.itprompt.config;

import dev.itprompt.Excerpt;
import dev.itprompt.NearestMatch;
import dev.itprompt.Setting;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The keys of a settings record: every component annotated with {@link Setting}, sections first to last. A component of type {@link
 * Chosen} is a section with the key {@code run}, a list of names, and a section for each kind and variant of a catalog.
 */
public final class SettingsSchema {

    /** The key of a catalog's section that lists what is chosen. */
    static final String RUN = "run";
    /** The key that makes a section of a catalog a variant. */
    static final String OF = "of";

    /**
     * One key.
     *
     * @param path    the name with its sections, such as {@code methods.it-prompt.replay.epochs}
     * @param type    the component's type
     * @param setting meaning, default and range
     * @param owner   the record it is a component of
     */
    public record Key(String path, Type type, Setting setting, Class<?> owner) {

        /** The name without sections. */
        public String name() {
            return path.substring(path.lastIndexOf('.') + 1);
        }

        /** The section's path; empty at the top. */
        public String section() {
            return path.contains(".") ? path.substring(0, path.lastIndexOf('.')) : "";
        }

        /** The presets it chooses from. */
        Presets presets() {
            return Presets.read(owner, setting.presets());
        }

        /** Whether it names a preset. */
        boolean namesPreset() {
            return !setting.presets().isEmpty();
        }

        /** What may be given, such as {@code a whole number from 0 to 512}. */
        public String expected() {
            return namesPreset() ? "one of " + String.join(", ", presets().names()) : describe(type, setting);
        }
    }

    /** The types of keys that are no components. */
    private record Keys(List<String> run, @Setting(meaning = "what this is a variant of") String of) {}

    private static final int LONGEST_NAME = 80;
    private static final int MOST_SHOWN = 8;

    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, String> sections = new LinkedHashMap<>();
    private final Catalog<?> catalog;
    private final Map<String, Variant> variants = new LinkedHashMap<>();
    private String catalogPath;

    /**
     * The keys of a record without a catalog.
     *
     * @throws IllegalArgumentException if a component is not annotated or has a type that no setting can have
     */
    public SettingsSchema(Class<? extends Record> type) {
        this(type, new Catalog<>("", List.of(), List.of()));
    }

    /**
     * The keys of a record.
     *
     * @param type    the settings record
     * @param catalog for its component of type {@link Chosen}
     * @throws IllegalArgumentException if a component is not annotated or has a type that no setting can have
     */
    public SettingsSchema(Class<? extends Record> type, Catalog<?> catalog) {
        this.catalog = catalog;
        collect(type, "");
    }

    private SettingsSchema(SettingsSchema other) {
        keys.putAll(other.keys);
        sections.putAll(other.sections);
        variants.putAll(other.variants);
        catalog = other.catalog;
        catalogPath = other.catalogPath;
    }

    private void collect(Class<?> type, String prefix) {
        List<RecordComponent> nested = new ArrayList<>();
        collectKeys(type, prefix, nested);
        for (RecordComponent component : nested) {
            String path = prefix + component.getName();
            if (component.getType() == Chosen.class) {
                sections.put(path, "a section for the settings of each " + catalog.what());
                collectCatalog(component, path);
            } else {
                sections.put(path, component.getAnnotation(Setting.class).meaning());
                collect(component.getType(), path + ".");
            }
        }
    }

    private void collectKeys(Class<?> type, String prefix, List<RecordComponent> nested) {
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            if (setting == null) {
                throw new IllegalArgumentException(type.getName() + "." + component.getName() + " has no @Setting");
            }
            if (component.getType().isRecord() && setting.inline()) {
                collectKeys(component.getType(), prefix, nested);
            } else if (component.getType().isRecord()) {
                nested.add(component);
            } else {
                describe(component.getGenericType(), setting);
                put(new Key(prefix + component.getName(), component.getGenericType(), setting, type));
            }
        }
    }

    private void put(Key key) {
        if (keys.putIfAbsent(key.path(), key) != null) {
            throw new IllegalArgumentException(key.owner().getName() + ": a second key " + key.path());
        }
    }

    private void collectCatalog(RecordComponent component, String path) {
        catalogPath = path;
        put(new Key(path + "." + RUN, type(RUN), component.getAnnotation(Setting.class), component.getDeclaringRecord()));
        for (Kind<?> kind : catalog.kinds()) {
            sections.put(path + "." + kind.name(), kind.meaning());
            collect(kind.settings(), path + "." + kind.name() + ".");
        }
        catalog.variants().forEach(this::add);
    }

    private static Type type(String key) {
        return component(key).getGenericType();
    }

    private static RecordComponent component(String key) {
        return Arrays.stream(Keys.class.getRecordComponents()).filter(c -> c.getName().equals(key)).findFirst().orElseThrow();
    }

    private void add(Variant variant) {
        variants.put(variant.name(), variant);
        String base = path(variant.of());
        String own = path(variant.name());
        Map<String, String> moreSections = new LinkedHashMap<>();
        sections.forEach((path, meaning) -> {
            if (path.startsWith(base + ".")) {
                moreSections.put(own + path.substring(base.length()), meaning);
            }
        });
        String changes = variant.set().isEmpty() ? "" : "; " + variant.of() + " with " + String.join(", ", variant.set());
        sections.put(own, variant.meaning() + changes);
        sections.putAll(moreSections);
        List<Key> more = keys.values().stream()
                .filter(key -> key.path().startsWith(base + ".") && !key.path().equals(base + "." + OF))
                .map(key -> new Key(own + key.path().substring(base.length()), key.type(), key.setting(), key.owner())).toList();
        more.forEach(key -> keys.put(key.path(), key));
    }

    /**
     * The same with a further variant, which has a key {@code of}.
     *
     * @param of an entry that is there
     */
    SettingsSchema with(String name, String of) {
        SettingsSchema more = new SettingsSchema(this);
        more.put(new Key(path(name) + "." + OF, type(OF), component(OF).getAnnotation(Setting.class), Keys.class));
        more.add(new Variant(name, of, "a variant of " + of, List.of()));
        return more;
    }

    /** All keys by path, a section's own before those of the sections in it. */
    public Map<String, Key> keys() {
        return keys;
    }

    /** Meanings of all sections by path. */
    public Map<String, String> sections() {
        return sections;
    }

    /** Whether a path is the catalog's section. */
    boolean isCatalog(String path) {
        return path.equals(catalogPath);
    }

    /** What one thing of the catalog is called. */
    String what() {
        return catalog.what();
    }

    /** The section of an entry of the catalog. */
    String path(String entry) {
        return catalogPath + "." + entry;
    }

    /** The entry of the catalog whose section a path is, or lies in. */
    public Optional<String> entryAt(String path) {
        if (catalogPath == null || !path.startsWith(catalogPath + ".")) {
            return Optional.empty();
        }
        String rest = path.substring(catalogPath.length() + 1);
        String entry = rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
        return entry.equals(RUN) ? Optional.empty() : Optional.of(entry);
    }

    /** Whether keys of a section are to be shown to those who look at some entries of the catalog: all but those of other entries. */
    public boolean concerns(String path, Collection<String> entries) {
        return entryAt(path).map(entries::contains).orElse(true);
    }

    /** Names of all kinds and variants of the catalog. */
    List<String> entries() {
        return Stream.concat(catalog.kinds().stream().map(Kind::name), variants.keySet().stream()).toList();
    }

    /** Names of everything that can be chosen: kinds and variants, then their further answers. */
    List<String> names() {
        return Stream.concat(entries().stream(), entries().stream()
                .flatMap(entry -> kind(entry).answers().stream().map(answer -> entry + answer.suffix()))).toList();
    }

    /**
     * The entry that answers under a name.
     *
     * @param source where the name was given
     * @throws ConfigException if there is none
     */
    public String requireEntry(String source, String name) {
        if (!names().contains(name)) {
            throw new ConfigException(source, catalogPath, "unknown " + what() + " '" + Excerpt.of(name, LONGEST_NAME) + "'"
                    + meant(name, names()));
        }
        return entryOf(name);
    }

    /** What to say about an unknown name of this catalog: the nearest, or the first of the known ones. */
    static String meant(String name, List<String> known) {
        return NearestMatch.of(name, known).map(near -> "; did you mean '" + near + "'?").orElse("; known are "
                + String.join(", ", known.subList(0, Math.min(known.size(), MOST_SHOWN))) + (known.size() > MOST_SHOWN ? ", ..." : ""));
    }

    /** The entry that answers under a name that can be chosen. */
    String entryOf(String name) {
        return entries().contains(name) ? name : entries().stream()
                .filter(entry -> kind(entry).answers().stream().anyMatch(answer -> name.equals(entry + answer.suffix()))).findFirst().orElseThrow();
    }

    /** Whether a name that can be chosen may stand without that of its entry. */
    boolean answersAlone(String name) {
        String entry = entryOf(name);
        return kind(entry).answers().stream().noneMatch(answer -> !answer.alone() && name.equals(entry + answer.suffix()));
    }

    /** The kind of an entry. */
    Kind<?> kind(String entry) {
        return variants.containsKey(entry) ? kind(variants.get(entry).of()) : catalog.kind(entry);
    }

    /** The variant of a name; empty for kinds. */
    Optional<Variant> variant(String entry) {
        return Optional.ofNullable(variants.get(entry));
    }

    /** Whether an entry is a configuration's own. */
    boolean isOwn(String entry) {
        return keys.containsKey(path(entry) + "." + OF);
    }

    /** How a value of an enumeration is written: {@code FASHION_MNIST} is {@code fashion-mnist}. */
    static String enumName(Object value) {
        return ((Enum<?>) value).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Class<?> elementType(Type type) {
        if (type instanceof ParameterizedType parameterized && parameterized.getRawType() == List.class
                && parameterized.getActualTypeArguments()[0] instanceof Class<?> element) {
            return element;
        }
        return null;
    }

    static String describe(Type type, Setting setting) {
        Class<?> element = elementType(type);
        if (element != null) {
            return "a list, each item " + describe(element, setting);
        }
        return switch (type) {
            case Class<?> c when c == int.class || c == long.class || c == Integer.class || c == Long.class ->
                    withRange("a whole number", setting, true);
            case Class<?> c when c == double.class || c == Double.class -> withRange("a number", setting, false);
            case Class<?> c when c == boolean.class -> "true or false";
            case Class<?> c when c == String.class -> "text";
            case Class<?> c when c.isEnum() -> Arrays.stream(c.getEnumConstants())
                    .map(SettingsSchema::enumName).collect(Collectors.joining(", ", "one of ", ""));
            default -> throw new IllegalArgumentException("no setting can have type " + type.getTypeName());
        };
    }

    private static String withRange(String kind, Setting setting, boolean whole) {
        String range = range(setting, whole);
        return range.isEmpty() ? kind : kind + (range.startsWith("at ") ? " of " : " from ") + range;
    }

    static boolean isWhole(Type type) {
        return type == int.class || type == long.class || elementType(type) == Integer.class || elementType(type) == Long.class;
    }

    /** {@code 0 to 512}, {@code at least 1}, {@code at most 9}; empty when any number will do. */
    static String range(Setting setting, boolean whole) {
        boolean lower = setting.min() != Double.NEGATIVE_INFINITY;
        boolean upper = setting.max() != Double.POSITIVE_INFINITY && setting.max() != Integer.MAX_VALUE;
        if (lower && upper) {
            return number(setting.min(), whole) + " to " + number(setting.max(), whole);
        }
        return lower ? "at least " + number(setting.min(), whole) : upper ? "at most " + number(setting.max(), whole) : "";
    }

    private static String number(double value, boolean whole) {
        return whole || value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value) : Double.toString(value);
    }
}
