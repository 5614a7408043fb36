package dev.itprompt.report;

import java.util.Locale;

/** A cell of a {@link Table}. */
public sealed interface Cell {

    /** Nothing is known here. */
    Cell NONE = new None();

    /** A text, which may come from a user and hold anything. */
    record Text(String text) implements Cell {}

    /** A number with so many decimal places. */
    record Number(double value, int places) implements Cell {}

    /** Mean and standard deviation. */
    record Spread(double mean, double deviation, int places) implements Cell {}

    /** A probability, of which the size matters more than the places. */
    record Probability(double value) implements Cell {}

    /** Nothing. */
    record None() implements Cell {}

    /** A number, or none if it is NaN. */
    static Cell number(double value, int places) {
        return Double.isNaN(value) ? NONE : new Number(value, places);
    }

    /** A probability, or none if it is NaN. */
    static Cell probability(double value) {
        return Double.isNaN(value) ? NONE : new Probability(value);
    }

    /** As plain text; a dash for nothing. */
    default String plain() {
        return switch (this) {
            case Text text -> VisibleText.of(text.text());
            case Number number -> fixed(number.value(), number.places());
            case Spread spread -> fixed(spread.mean(), spread.places()) + " ± " + fixed(spread.deviation(), spread.places());
            case Probability p -> p.value() < 0.0001 ? String.format(Locale.ROOT, "%.1e", p.value()) : fixed(p.value(), 4);
            case None _ -> "-";
        };
    }

    /** A number with so many places, and no minus before a zero. */
    static String fixed(double value, int places) {
        String text = String.format(Locale.ROOT, "%." + places + "f", value);
        return text.matches("-0(\\.0*)?") ? text.substring(1) : text;
    }
}
