package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.model.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Labels as a model's tokenizer sees them: it lowers letters, composes them, mends references and blanks and cuts what is too
 * long, so that different labels may be one text. What goes by texts can never tell those apart.
 */
public final class LabelTexts {

    private static final int SHOWN = 3;

    private LabelTexts() {}

    /**
     * Puts together labels that are one text.
     *
     * @param where    what messages call the labels
     * @param template around a label, {} for the label
     * @return groups of labels, in the order of the first ones; a group of one where a label is alone
     * @throws InputException if nothing of a label is left
     */
    public static List<List<String>> groups(String where, List<String> labels, String template, Tokenizer tokenizer) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (String label : labels) {
            String harmless = tokenizer.escape(label);
            if (tokenizer.encode(harmless).length == 0) {
                throw new InputException(where + ": expected labels that the model can read, found '" + printable(label)
                        + "', of which its tokenizer leaves nothing; name it otherwise");
            }
            String ids = Arrays.toString(tokenizer.tokens(template.replace("{}", harmless), true));
            groups.computeIfAbsent(ids, _ -> new ArrayList<>()).add(label);
        }
        return List.copyOf(groups.values());
    }

    /** The groups of two and more, in words for a message; empty if there is none. */
    public static String alike(List<List<String>> groups) {
        List<String> words = groups.stream().filter(group -> group.size() > 1).map(group -> group.stream()
                .map(label -> "'" + printable(label) + "'").collect(Collectors.joining(" and "))).toList();
        return words.stream().limit(SHOWN).collect(Collectors.joining("; ")) + (words.size() > SHOWN ? "; ..." : "");
    }

    private static String printable(String label) {
        return Excerpt.of(label, 60);
    }
}
