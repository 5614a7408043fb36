package dev.itprompt.method;

import java.util.Locale;

/** Short measures beside progress. */
final class Notes {

    private Notes() {}

    static String loss(double loss) {
        return String.format(Locale.ROOT, "loss %.3f", loss);
    }
}
