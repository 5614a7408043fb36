package dev.itprompt.continual;

import java.util.List;
import java.util.stream.IntStream;

/** In which order the classes of a data set are learned, as the code of CODA-Prompt and VQ-Prompt draws it. */
public final class ClassOrder {

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
}
