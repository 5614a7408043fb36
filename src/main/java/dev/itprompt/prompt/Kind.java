package dev.itprompt.prompt;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;

/** A prompting and the shapes of its values, which together tell its graph at test. */
record Kind(Prompting prompting, Map<String, Shape> shapes) {

    static Kind of(Prompting prompting, Map<String, Tensor> values) {
        Map<String, Shape> shapes = new TreeMap<>();
        values.forEach((name, value) -> shapes.put(name, value.shape()));
        return new Kind(prompting, shapes);
    }
}
