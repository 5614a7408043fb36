package dev.itprompt.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** Assembles pickles opcode by opcode, whatever they mean. */
public final class PickleWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Opcodes, or other bytes; a text stands for its ASCII characters. */
    public PickleWriter op(Object... codes) {
        for (Object code : codes) {
            if (code instanceof Integer number) {
                out.write(number);
            } else {
                out.writeBytes(code.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
        return this;
    }

    /** The lowest {@code count} bytes of a number, the lowest first. */
    PickleWriter fixed(int count, long value) {
        out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), 0, count);
        return this;
    }

    public PickleWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op("X").fixed(4, bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    PickleWriter number(long value) {
        return op(0x8a, 8).fixed(8, value);
    }

    PickleWriter numbers(long... values) {
        op("(");
        for (long value : values) {
            number(value);
        }
        return op("t");
    }

    PickleWriter global(String module, String name) {
        return op("c" + module + "\n" + name + "\n");
    }

    PickleWriter put(long index) {
        return op("r").fixed(4, index);
    }

    PickleWriter get(long index) {
        return op("j").fixed(4, index);
    }

    PickleWriter times(int count, IntConsumer part) {
        for (int i = 0; i < count; i++) {
            part.accept(i);
        }
        return this;
    }

    /** A storage of PyTorch. */
    PickleWriter storage(String key, long elements) {
        return op("(").text("storage").global("torch", "FloatStorage").text(key).text("cpu").number(elements).op("tQ");
    }

    /** A tensor of PyTorch over storage 0. */
    PickleWriter tensor(long offset, long[] shape, long[] strides) {
        return global("torch._utils", "_rebuild_tensor_v2").op("(").storage("0", 16).number(offset).numbers(shape)
                .numbers(strides).op(0x89).global("collections", "OrderedDict").op(")RtR");
    }

    public PickleWriter tensor() {
        return tensor(0, new long[] {4}, new long[] {1});
    }

    /** An array of NumPy up to its data, which is to follow, with {@link #endArray()} behind it. */
    public PickleWriter array(String type, long... shape) {
        return global("numpy.core.multiarray", "_reconstruct").op("(").global("numpy", "ndarray").numbers(0).text("b").op("tR(")
                .number(1)
                .numbers(shape).global("numpy", "dtype").op("(").text(type).op(0x89, 0x88, "tR(").number(3).text("<")
                .op("NNNtb", 0x89);
    }

    public PickleWriter endArray() {
        return op("tb");
    }

    /** The end. */
    public byte[] bytes() {
        out.write('.');
        return out.toByteArray();
    }

    /** As it is. */
    byte[] open() {
        return out.toByteArray();
    }
}
