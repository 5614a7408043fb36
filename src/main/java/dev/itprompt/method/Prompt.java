package dev.itprompt.method;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.SharedPrefix;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.random.RandomGenerator;

/**
 * The prompt of one task: prefix keys and values for some blocks of the vision transformer.
 *
 * @param layers block numbers, ascending; empty when prompts are off
 * @param keys   one [P, D] per layer
 * @param values one [P, D] per layer
 */
public record Prompt(List<Integer> layers, List<Tensor> keys, List<Tensor> values) {

    /** Nothing to prepend. */
    public static final Prompt NONE = new Prompt(List.of(), List.of(), List.of());

    /** A prompt with all entries uniform in (−1, 1), as HiDe-Prompt starts its first one. */
    public static Prompt random(List<Integer> layers, int length, int width, RandomGenerator random) {
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            keys.add(uniform(length, width, random));
            values.add(uniform(length, width, random));
        }
        return new Prompt(List.copyOf(layers), keys, values);
    }

    /** The element-wise mean of at least one prompt. */
    public static Prompt mean(List<Prompt> prompts) {
        Prompt sum = prompts.get(0).copy();
        for (Prompt prompt : prompts.subList(1, prompts.size())) {
            sum = sum.combine(prompt, Double::sum);
        }
        double share = 1.0 / prompts.size();
        return sum.combine(sum, (a, _) -> a * share);
    }

    /** {@code (1−share)·this + share·other}, element by element. */
    public Prompt mix(Prompt other, double share) {
        return combine(other, (a, b) -> (1 - share) * a + share * b);
    }

    /** A copy with memory of its own. */
    public Prompt copy() {
        return combine(this, (a, _) -> a);
    }

    /** Whether there is nothing to prepend. */
    public boolean isEmpty() {
        return layers.isEmpty();
    }

    /** The same as a prompt that all images get. */
    public Entering entering() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            values.put("prompts." + layers.get(i), rows(keys.get(i), this.values.get(i)));
        }
        Form.Prefixes form = Form.Prefixes.of(layers, keys.getFirst().shape().dim(0), keys.getFirst().shape().dim(1));
        return new Entering(new SharedPrefix(form, -1), values, 0, null, null);
    }

    private static Tensor rows(Tensor keys, Tensor values) {
        int length = keys.shape().dim(0);
        Tensor rows = Tensor.zeros(keys.shape().with(0, 2 * length));
        rows.slice(0, length).copyFrom(keys);
        rows.slice(length, length).copyFrom(values);
        return rows;
    }

    /** Number of trainable numbers. */
    public long size() {
        return 2 * keys.stream().mapToLong(key -> key.shape().size()).sum();
    }

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    public static Prompt visit(State state, Prompt present) {
        Prompt known = present == null ? NONE : present;
        long[] numbers = state.numbers("layers", known.layers.stream().mapToLong(Integer::longValue).toArray());
        List<Integer> layers = Arrays.stream(numbers).mapToObj(Math::toIntExact).toList();
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            keys.add(state.tensor(layers.get(i) + ".keys", state.isLoading() ? null : known.keys.get(i)));
            values.add(state.tensor(layers.get(i) + ".values", state.isLoading() ? null : known.values.get(i)));
        }
        return new Prompt(layers, keys, values);
    }

    private Prompt combine(Prompt other, DoubleBinaryOperator operator) {
        return new Prompt(layers, combine(keys, other.keys, operator), combine(values, other.values, operator));
    }

    private static List<Tensor> combine(List<Tensor> left, List<Tensor> right, DoubleBinaryOperator operator) {
        List<Tensor> result = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            Tensor a = left.get(i);
            Tensor b = right.get(i);
            Tensor c = Tensor.zeros(a.shape());
            for (int j = 0; j < c.shape().size(); j++) {
                c.set(j, (float) operator.applyAsDouble(a.get(j), b.get(j)));
            }
            result.add(c);
        }
        return result;
    }

    private static Tensor uniform(int rows, int columns, RandomGenerator random) {
        Tensor tensor = Tensor.zeros(Shape.of(rows, columns));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) random.nextDouble(-1, 1));
        }
        return tensor;
    }
}
