package dev.itprompt.continual;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/** In which order the classes of a data set are learned. */
public final class ClassOrder {

    /** Shuffled as Python does, the order of CODA-Prompt and VQ-Prompt. */
    public static final String PYTHON = "python";
    /** Permuted as NumPy's legacy generator does, the order of PILOT and C3Box. */
    public static final String NUMPY = "numpy";
    /** As the data set has them. */
    public static final String NATURAL = "natural";

    private ClassOrder() { }

    /**
     * The natural order for seed 0, otherwise 0 to {@code classes - 1} shuffled as in Python.
     *
     * @return the original labels; the position of a label is the label under which it is learned
     */
    public static List<Integer> of(int classes, long seed) {
        int[] order = IntStream.range(0, classes).toArray();
        if (seed != 0) {
            new PythonRandom(seed).shuffle(order);
        }
        return IntStream.of(order).boxed().toList();
    }

    /** As {@code numpy.random.seed(seed)} and {@code numpy.random.permutation(classes)}. */
    public static List<Integer> numpy(int classes, long seed) {
        return IntStream.of(new NumpyRandom(seed).permutation(classes)).boxed().toList();
    }

    /**
     * An order of a list: a class in each line, by its name or its label; blank lines and those that begin with # count for nothing.
     *
     * @param names of the classes by label
     * @throws InputException if a line is neither, or a class is missing or listed twice
     */
    public static List<Integer> read(Path file, List<String> names) {
        List<Integer> order = new ArrayList<>();
        TextLines.read(file, "a list of classes", (number, line) -> {
            String text = ClassNames.clean(line);
            if (!text.isEmpty() && !text.startsWith("#")) {
                int label = names.indexOf(text);
                if (label < 0 && text.matches("\\d{1,7}")) {
                    label = Integer.parseInt(text);
                }
                if (label < 0 || label >= names.size()) {
                    throw new InputException(file + ": expected a class's name or a label below " + names.size() + " in line " + number
                            + ", found '" + Excerpt.of(text, 60) + "'; correct the line");
                }
                order.add(label);
            }
        });
        if (order.size() != names.size() || new HashSet<>(order).size() != order.size()) {
            throw new InputException(file + ": expected each of " + names.size() + " classes once, found " + order.size() + " lines with "
                    + new HashSet<>(order).size() + " different ones; correct the list");
        }
        return order;
    }
}
