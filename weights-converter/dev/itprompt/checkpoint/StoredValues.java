package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Values that a safetensors file can take, beside the weights of models: the state of a training. */
public sealed interface StoredValues {

    /** Their axes, as they are stored. */
    default List<Integer> shape() {
        return switch (this) {
            case Floats floats -> Arrays.stream(floats.tensor().shape().dims()).boxed().toList();
            case Doubles doubles -> List.of(doubles.values().length);
            case Longs longs -> List.of(longs.values().length);
            case Text text -> List.of(text.text().getBytes(StandardCharsets.UTF_8).length);
        };
    }

    /** float32, stored as F32. */
    record Floats(Tensor tensor) implements StoredValues {}

    /** Doubles, stored as F64 of one axis. */
    record Doubles(double... values) implements StoredValues {}

    /** Whole numbers, stored as I64 of one axis. */
    record Longs(long... values) implements StoredValues {}

    /** A text, stored as the U8 bytes of its UTF-8. */
    record Text(String text) implements StoredValues {}
}
