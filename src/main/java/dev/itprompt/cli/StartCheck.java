package dev.itprompt.cli;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What has to be so before a command can begin; {@code ./itprompt} sees to it. */
final class StartCheck {

    private static final char UNREADABLE = '\uFFFD';

    private StartCheck() {}

    /** In one line what is wrong with the words and what to do; empty if nothing is. */
    static Optional<String> ofWords(String... words) {
        String encoding = System.getProperty("sun.jnu.encoding");
        return unreadable(encoding, words).or(() -> lost(encoding, System.getenv("ITPROMPT_WORDS")));
    }

    /** The same of the JVM, whose options matter to all that is more than a help text. */
    static Optional<String> ofJvm() {
        return missingOptions(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                StartCheck.class.getModule().isNativeAccessEnabled());
    }

    /** The JVM's options that nothing works without. */
    static Optional<String> missingOptions(boolean vectors, boolean nativeAccess) {
        List<String> missing = new ArrayList<>();
        if (!vectors) {
            missing.add("--add-modules jdk.incubator.vector");
        }
        if (!nativeAccess) {
            missing.add("--enable-native-access=ALL-UNNAMED");
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of("java was started without " + String.join(" ", missing)
                + "; start with ./itprompt, or give java " + (missing.size() == 1 ? "this option" : "these options"));
    }

    /**
     * A word in which Java could not read all bytes: what it put in their place would be taken for text.
     *
     * @param encoding the one that Java reads words and file names in, which follows from the locale
     */
    static Optional<String> unreadable(String encoding, String... words) {
        for (String word : words) {
            if (word.indexOf(UNREADABLE) >= 0) {
                return Optional.of("'" + word + "': expected text in the encoding of the locale, " + encoding + ", found other bytes"
                        + (encoding.equals("UTF-8") ? "" : "; set LC_ALL to a locale with UTF-8, such as C.UTF-8"));
            }
        }
        return Optional.empty();
    }

    /**
     * On Windows, a letter of the command line that its code page lacks, for which Java gets a question mark.
     *
     * @param encoding the code page
     * @param words    all words as the launcher knows them; null without it
     */
    static Optional<String> lost(String encoding, String words) {
        if (words == null) {
            return Optional.empty();
        }
        CharsetEncoder encoder = Charset.forName(encoding).newEncoder();
        return words.codePoints().mapToObj(Character::toString).filter(letter -> !encoder.canEncode(letter)).findFirst()
                .map(letter -> "'" + letter + "': expected letters of Windows' code page, " + encoding + "; have Windows use UTF-8 (Settings, "
                        + "Region, Administrative, Change system locale, Unicode UTF-8)");
    }
}
