package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Tensor;

/** Values that a safetensors file can take, beside the weights of models: the state of a training. */
public sealed interface StoredValues {

    /** float32, stored as F32. */
    record Floats(Tensor tensor) implements StoredValues {}

    /** Doubles, stored as F64 of one axis. */
    record Doubles(double... values) implements StoredValues {}

    /** Whole numbers, stored as I64 of one axis. */
    record Longs(long... values) implements StoredValues {}

    /** A text, stored as the U8 bytes of its UTF-8. */
    record Text(String text) implements StoredValues {}
}
