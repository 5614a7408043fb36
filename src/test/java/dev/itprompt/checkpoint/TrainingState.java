package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Writes checkpoints as PyTorch does: nested dictionaries of texts and tensors. */
final class TrainingState {

    private TrainingState() {}

    /**
     * Writes a dictionary.
     *
     * @param tree its values are texts, {@link Tensor}s, shapes as {@code long[]} (of tensors of ones that take no space in the file)
     *             and inner dictionaries
     */
    static Path write(Path file, Map<String, ?> tree) throws IOException {
        RawZip zip = new RawZip();
        PickleWriter pickle = new PickleWriter();
        int[] storages = {1};
        zip.add("archive/data/0", little(TinyWeights.fill(1, 1)));
        dictionary(pickle, zip, tree, storages);
        zip.add("archive/data.pkl", pickle.bytes());
        return Files.write(file, zip.bytes());
    }

    private static void dictionary(PickleWriter pickle, RawZip zip, Map<String, ?> tree, int[] storages) {
        pickle.op("}");
        tree.forEach((key, value) -> {
            pickle.text(key);
            switch (value) {
                case String text -> pickle.text(text);
                case Tensor tensor -> {
                    String name = Integer.toString(storages[0]++);
                    zip.add("archive/data/" + name, little(tensor));
                    long[] shape = Arrays.stream(tensor.shape().dims()).asLongStream().toArray();
                    tensor(pickle, name, tensor.shape().size(), shape, strides(shape));
                }
                case long[] shape -> tensor(pickle, "0", 1, shape, new long[shape.length]);
                case Map<?, ?> inner -> {
                    @SuppressWarnings("unchecked")
                    Map<String, ?> map = (Map<String, ?>) inner;
                    dictionary(pickle, zip, map, storages);
                }
                default -> throw new IllegalArgumentException(value.toString());
            }
            pickle.op("s");
        });
    }

    private static void tensor(PickleWriter pickle, String storage, long elements, long[] shape, long[] strides) {
        pickle.global("torch._utils", "_rebuild_tensor_v2").op("(").storage(storage, elements).number(0).numbers(shape).numbers(strides)
                .op(0x89).global("collections", "OrderedDict").op(")RtR");
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step *= shape[axis];
        }
        return strides;
    }

    private static byte[] little(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.shape().size()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.toArray()) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
