package dev.itprompt.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.trace.Trace.Recorded;
import java.util.Arrays;
import java.util.Locale;

/**
 * Holds values against those of a trace. In double precision they may differ by 1e-9; in float32 by ten times what the published
 * code itself differs between the two, and parameters, whose steps are divided by the size of gradients, by 2e-6, one in 200 of
 * them by 5e-4.
 */
final class Comparison {

    private static final double EXACT = 1e-9;
    private static final double USUAL_PARAMETER = 2e-6;
    private static final double ANY_PARAMETER = 5e-4;
    private static final double UNUSUAL_SHARE = 0.005;

    private final Trace trace;
    private final boolean exact;
    private final double slack;
    private int compared;
    private double worst;
    private String worstAt = "";
    private double worstShare;
    private String worstShareAt = "";
    private long parameters;
    private long unusual;

    /**
     * @param exact whether values were computed in double precision
     * @param slack factor on what float32 is allowed
     */
    Comparison(Trace trace, boolean exact, double slack) {
        this.trace = trace;
        this.exact = exact;
        this.slack = slack;
    }

    /** An array as a whole. */
    void check(String array, double... actual) {
        check(array, array, trace.get(array), trace.values(array), actual, exact);
    }

    /** As {@link #check}, for what is kept in float32 whatever the device. */
    void checkFloats(String array, double... actual) {
        check(array, array, trace.get(array), trace.values(array), actual, false);
    }

    /** Part {@code index} of an array along its outermost axis. */
    void checkPart(String array, int index, double... actual) {
        check(array, array + "[" + index + "]", trace.get(array), trace.values(array, index), actual, exact);
    }

    private void check(String array, String where, Recorded recorded, double[] expected, double[] actual, boolean exactly) {
        assertEquals(expected.length, actual.length, trace.name() + " " + where + ": size");
        compared += expected.length;
        if (recorded.integers()) {
            assertEquals(Arrays.toString(expected), Arrays.toString(actual), trace.name() + " " + where);
            return;
        }
        boolean parameter = isParameter(array);
        double allowed = exactly ? EXACT : parameter ? ANY_PARAMETER
                : slack * (10 * recorded.deviation() + 1e-6 * recorded.largest());
        for (int i = 0; i < expected.length; i++) {
            double deviation = Math.abs(actual[i] - expected[i]);
            if (deviation > worst && exactly == exact) {
                worst = deviation;
                worstAt = where;
            }
            if (deviation / allowed > worstShare && !(parameter && !exactly)) {
                worstShare = deviation / allowed;
                worstShareAt = where;
            }
            assertTrue(deviation <= allowed, () -> trace.name() + " " + where + ": off by " + deviation + ", allowed " + allowed);
            if (parameter && !exactly) {
                parameters++;
                unusual += deviation > USUAL_PARAMETER ? 1 : 0;
            }
        }
    }

    private static boolean isParameter(String array) {
        return array.contains("/param/") || array.contains("/after/") || array.startsWith("final/") || array.contains("/start/");
    }

    /** What can only be said at the end: few parameters are far off, and everything recorded was looked at. */
    void finish() {
        assertTrue(unusual <= slack * UNUSUAL_SHARE * parameters, () -> trace.name() + ": " + unusual + " of " + parameters
                + " parameters are off by more than " + USUAL_PARAMETER);
        assertEquals("[]", trace.unread().toString(), trace.name() + ": recorded, but not looked at");
        if (Boolean.getBoolean("itprompt.goldens.print")) {
            System.out.printf(Locale.ROOT, "%-28s %-9s %7d numbers, largest deviation %.1e (%s), share of what is allowed %.2f (%s), "
                    + "parameters beyond 2e-6: %d of %d\n", trace.name(), exact ? "double" : "float32", compared, worst, worstAt,
                    worstShare, worstShareAt, unusual, parameters);
        }
    }
}
