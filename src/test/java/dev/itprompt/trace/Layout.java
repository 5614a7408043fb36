package dev.itprompt.trace;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.trace.Trace.Recorded;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the numbers of a published parameter are among our values. */
interface Layout {

    /**
     * @param name  of our value
     * @param index flat position in it; beyond its end where we keep no such number
     */
    record Place(String name, int index) {}

    /**
     * The place of one number.
     *
     * @param parameter its name in the trace
     * @param shape     of the parameter
     * @param index     position along each axis
     */
    Place place(String parameter, int[] shape, int[] index);

    /** Our values from the trace's. */
    default Map<String, double[]> ours(Trace trace, String path, Map<String, Shape> shapes) {
        Map<String, double[]> ours = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> ours.put(name, new double[shape.size()]));
        for (String parameter : trace.below(path)) {
            Recorded recorded = trace.get(path + parameter);
            each(parameter, recorded.shape(), (place, i) -> {
                double[] values = ours.get(place.name());
                if (place.index() < values.length) {
                    values[place.index()] = recorded.values()[i];
                }
            });
        }
        return ours;
    }

    /**
     * A parameter of the trace from our values.
     *
     * @param missing its numbers where we keep none
     */
    default double[] published(String parameter, int[] shape, Map<String, double[]> ours, double[] missing) {
        double[] published = missing.clone();
        each(parameter, shape, (place, i) -> {
            double[] values = ours.get(place.name());
            if (place.index() < values.length) {
                published[i] = values[place.index()];
            }
        });
        return published;
    }

    /** One number. */
    interface Visitor {
        void visit(Place place, int index);
    }

    private void each(String parameter, int[] shape, Visitor visitor) {
        int[] index = new int[shape.length];
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        for (int i = 0; i < size; i++) {
            int rest = i;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                index[axis] = rest % shape[axis];
                rest /= shape[axis];
            }
            visitor.visit(place(parameter, shape, index), i);
        }
    }

    /** The position in a row-major array. */
    static int flat(int[] shape, int[] index) {
        int flat = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            flat = flat * shape[axis] + index[axis];
        }
        return flat;
    }

    /** Tensors of float32 for a graph, whose values are written in full later. */
    static Map<String, Tensor> tensors(Map<String, double[]> values, Map<String, Shape> shapes) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> tensors.put(name, Tensor.of(shape, Machine.floats(values.get(name)))));
        return tensors;
    }

    /** The code of CODA-Prompt and of VQ-Prompt, which grew out of it: one tensor for each kind and block. */
    record OfCoda(String general, String expert) implements Layout {
        @Override
        public Place place(String parameter, int[] shape, int[] index) {
            String name = switch (parameter) {
                case "last.weight" -> "head.weight";
                case "last.bias" -> "head.bias";
                default -> {
                    String block = parameter.substring(parameter.lastIndexOf('_') + 1);
                    yield switch (parameter.substring(0, parameter.lastIndexOf('_'))) {
                        case "prompt.e_p" -> expert + "prompts." + block;
                        case "prompt.e_k" -> expert + "keys." + block;
                        case "prompt.e_a" -> expert + "attention." + block;
                        case "prompt.g_p" -> general + "prompts." + block;
                        default -> throw new IllegalArgumentException(parameter);
                    };
                }
            };
            return new Place(name, flat(shape, index));
        }
    }

    /**
     * The ports of DualPrompt and L2P and HiDe-Prompt's code: all blocks in one tensor, keys and values apart.
     *
     * @param blocks of expert prompts
     */
    record OfPorts(String general, String expert, List<Integer> blocks) implements Layout {
        @Override
        public Place place(String parameter, int[] shape, int[] index) {
            return switch (parameter) {
                case "head.weight", "head.bias" -> new Place(parameter, flat(shape, index));
                case "e_prompt.prompt_key", "prompt.prompt_key" -> new Place(expert + "keys", flat(shape, index));
                case "g_prompt" -> new Place(general + "prompts." + index[0],
                        flat(rest(shape, 1), rest(index, 1)));
                case "prompt.prompt" -> new Place("prompts.0", flat(shape, index));
                case "e_prompt.prompt" -> shape.length == 4 ? new Place("prompts.0", flat(rest(shape, 1), rest(index, 1)))
                        : new Place(expert + "prompts." + blocks.get(index[0]),
                                flat(new int[] {shape[2], 2, shape[3], shape[4], shape[5]},
                                        new int[] {index[2], index[1], index[3], index[4], index[5]}));
                default -> throw new IllegalArgumentException(parameter);
            };
        }

        private static int[] rest(int[] array, int from) {
            return Arrays.copyOfRange(array, from, array.length);
        }
    }
}
