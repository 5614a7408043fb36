package dev.itprompt;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Documents one key of a configuration file on the record component that holds it. A component whose type is a record is a
 * section and needs only {@link #meaning}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /** One line: what it means, with unit and range. */
    String meaning();

    /** The value when the file and the command line say nothing, written as in YAML; empty for a key that must be given. */
    String byDefault() default "";

    /**
     * For a text that names a preset: resource beside the settings record with a section of keys and values for each preset's name. The
     * chosen one's values take the place of the defaults of the section that this key is in; {@link #NO_PRESET} chooses none.
     */
    String presets() default "";

    /** The name that chooses no preset. */
    String NO_PRESET = "none";

    /** For a record: whether its keys stand in the section around it instead of a section of their own. */
    boolean inline() default false;

    /** Smallest number allowed. */
    double min() default Double.NEGATIVE_INFINITY;

    /** Largest number allowed. */
    double max() default Double.POSITIVE_INFINITY;
}
