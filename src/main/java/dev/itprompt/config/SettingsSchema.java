package dev.itprompt.config;

import dev.itprompt.Setting;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of a settings record: every component annotated with {@link Setting}, sections first to last. */
public final class SettingsSchema {

    /**
     * One key.
     *
     * @param path    the name with its sections, such as {@code itPrompt.replay.epochs}
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

    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, String> sections = new LinkedHashMap<>();

    /**
     * @param type the settings record
     * @throws IllegalArgumentException if a component is not annotated or has a type that no setting can have
     */
    public SettingsSchema(Class<? extends Record> type) {
        collect(type, "");
    }

    private void collect(Class<?> type, String prefix) {
        List<RecordComponent> nested = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            if (setting == null) {
                throw new IllegalArgumentException(type.getName() + "." + component.getName() + " has no @Setting");
            }
            if (component.getType().isRecord()) {
                nested.add(component);
            } else {
                describe(component.getGenericType(), setting);
                keys.put(prefix + component.getName(), new Key(prefix + component.getName(), component.getGenericType(), setting, type));
            }
        }
        for (RecordComponent component : nested) {
            String path = prefix + component.getName();
            sections.put(path, component.getAnnotation(Setting.class).meaning());
            collect(component.getType(), path + ".");
        }
    }

    /** All keys by path, a section's own before those of the sections in it. */
    public Map<String, Key> keys() {
        return keys;
    }

    /** Meanings of all sections by path. */
    public Map<String, String> sections() {
        return sections;
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
