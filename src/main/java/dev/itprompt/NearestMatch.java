package dev.itprompt;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody who mistyped a name may have meant. */
public final class NearestMatch {

    private NearestMatch() {}

    /**
     * The known name with the fewest insertions, deletions, replacements and swaps of neighbors to the given one, letter
     * case ignored; empty if more than a third of the letters (but at least two) would have to change, or all.
     */
    public static Optional<String> of(String name, Iterable<String> known) {
        return find(name, known, false);
    }

    /**
     * As {@link #of}; one that ends in the same part counts as near, and one that ends in the whole name as nearer: {@code epochs}
     * finds {@code methods.it-prompt.epochs}, {@code replay.epochs} finds {@code methods.it-prompt.replay.epochs}.
     */
    public static Optional<String> ofKey(String name, Iterable<String> known) {
        return find(name, known, true);
    }

    /** What to say about an unknown name: the nearest known one, or all if none is near. Begins with a semicolon. */
    public static String hint(String name, Collection<String> known) {
        return of(name, known).map(near -> "; did you mean " + near + "?").orElse("; expected one of " + known);
    }

    private static Optional<String> find(String name, Iterable<String> known, boolean byLastPart) {
        String best = null;
        String whole = "." + name;
        String last = whole.substring(whole.lastIndexOf('.'));
        int least = Math.min(Math.max(2, name.length() / 3) + 1, name.length());
        for (String candidate : known) {
            int distance = Math.abs(name.length() - candidate.length()) >= least ? Integer.MAX_VALUE
                    : distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (byLastPart && distance > 0 && endsIn(candidate, whole)) {
                distance = 0;
            } else if (byLastPart && distance > 1 && endsIn("." + candidate, last)) {
                distance = 1;
            }
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    private static boolean endsIn(String text, String end) {
        return text.regionMatches(true, text.length() - end.length(), end, 0, end.length());
    }

    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
