package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * A rearrangement of axes in einops' notation (Rogozhnikov 2022): axes before the arrow are named from the outside in, those
 * behind it are what becomes of them, parentheses join axes, and {@code 1} is an axis of extent 1 that goes away. So {@code
 * d h k -> (h k) d} turns [D, H, K] into [H·K, D]. The text {@value #SCALAR} instead makes a scalar of a scalar or of a single
 * element along one axis.
 */
final class AxisPattern {

    private static final String SCALAR = "scalar";

    private final String text;
    private final List<String> from;
    private final List<List<String>> to = new ArrayList<>();

    /** @throws IllegalArgumentException if the text is no such pattern */
    AxisPattern(String text) {
        this.text = text;
        if (text.equals(SCALAR)) {
            this.from = List.of();
            return;
        }
        String[] sides = text.split("->");
        if (sides.length != 2) {
            throw new IllegalArgumentException("'" + text + "': expected one arrow");
        }
        this.from = List.of(sides[0].strip().split("\\s+"));
        String rest = sides[1].strip();
        while (!rest.isEmpty()) {
            int end = rest.startsWith("(") ? rest.indexOf(')') + 1 : (rest + " ").indexOf(' ');
            to.add(List.of(rest.substring(0, end).replaceAll("[()]", " ").strip().split("\\s+")));
            rest = rest.substring(end).strip();
        }
        List<String> kept = from.stream().filter(axis -> !axis.equals("1")).sorted().toList();
        if (!kept.equals(to.stream().flatMap(List::stream).sorted().toList())) {
            throw new IllegalArgumentException("'" + text + "': expected the same axes on both sides");
        }
    }

    /** The shape a tensor gets, or null if its shape does not fit. */
    List<Long> shape(List<Long> shape) {
        if (text.equals(SCALAR)) {
            return shape.isEmpty() || shape.equals(List.of(1L)) ? List.of() : null;
        }
        if (shape.size() != from.size()) {
            return null;
        }
        for (int axis = 0; axis < from.size(); axis++) {
            if (from.get(axis).equals("1") && shape.get(axis) != 1) {
                return null;
            }
        }
        return to.stream().map(group -> group.stream().mapToLong(axis -> shape.get(from.indexOf(axis))).reduce(1, (a, b) -> a * b))
                .toList();
    }

    /** The extent of a named axis in a tensor's stored shape, if the pattern names one so. */
    OptionalLong extent(String axis, List<Long> shape) {
        int at = from.indexOf(axis);
        return at < 0 || at >= shape.size() ? OptionalLong.empty() : OptionalLong.of(shape.get(at));
    }

    /** The tensor with its axes rearranged; a copy unless the order in memory stays the same. */
    Tensor apply(Tensor tensor) {
        int[] dims = tensor.shape().dims();
        int[] order = to.stream().flatMap(List::stream).mapToInt(from::indexOf).toArray();
        Shape shape = Shape.of(shape(Arrays.stream(dims).asLongStream().boxed().toList()).stream().mapToInt(Math::toIntExact)
                .toArray());
        if (Arrays.equals(order, Arrays.stream(order).sorted().toArray())) {
            return tensor.reshape(shape);
        }
        Tensor result = Tensor.zeros(shape);
        copy(tensor, result, dims, order, 0, 0, new int[1]);
        return result;
    }

    private static void copy(Tensor source, Tensor target, int[] dims, int[] order, int depth, int at, int[] next) {
        int axis = order[depth];
        int stride = 1;
        for (int inner = axis + 1; inner < dims.length; inner++) {
            stride *= dims[inner];
        }
        for (int i = 0; i < dims[axis]; i++) {
            if (depth == order.length - 1) {
                target.set(next[0]++, source.get(at + i * stride));
            } else {
                copy(source, target, dims, order, depth + 1, at + i * stride, next);
            }
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
