package dev.itprompt.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The element types that can be read, named as in safetensors; all are little-endian and become float32 in memory. */
public enum ElementType {
    BOOL(1), U8(1), I8(1), I16(2), U16(2), F16(2), BF16(2), I32(4), U32(4), F32(4), F64(8), I64(8), U64(8);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The element at an index of little-endian data, as the nearest float32. */
    float read(MemorySegment data, long index) {
        long at = index * bytes;
        return switch (this) {
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, at) == 0 ? 0 : 1;
            case U8 -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, at));
            case I8 -> data.get(ValueLayout.JAVA_BYTE, at);
            case I16 -> data.get(SHORT, at);
            case U16 -> Short.toUnsignedInt(data.get(SHORT, at));
            case F16 -> Float.float16ToFloat(data.get(SHORT, at));
            case BF16 -> Float.intBitsToFloat(data.get(SHORT, at) << 16);
            case I32 -> data.get(INT, at);
            case U32 -> Integer.toUnsignedLong(data.get(INT, at));
            case F32 -> data.get(FLOAT, at);
            case F64 -> (float) data.get(DOUBLE, at);
            case I64 -> data.get(LONG, at);
            case U64 -> unsignedToFloat(data.get(LONG, at));
        };
    }

    /**
     * Consecutive elements as float32; half precision, in which most checkpoints come, in loops that the compiler vectorises.
     *
     * @param index  of the first element
     * @param target receives {@code count} values from its beginning
     * @param raw    scratch for {@code count} values
     */
    void read(MemorySegment data, long index, float[] target, short[] raw, int count) {
        switch (this) {
            case F32 -> MemorySegment.copy(data, FLOAT, index * bytes, target, 0, count);
            case F16 -> {
                MemorySegment.copy(data, SHORT, index * bytes, raw, 0, count);
                for (int i = 0; i < count; i++) {
                    target[i] = Float.float16ToFloat(raw[i]);
                }
            }
            case BF16 -> {
                MemorySegment.copy(data, SHORT, index * bytes, raw, 0, count);
                for (int i = 0; i < count; i++) {
                    target[i] = Float.intBitsToFloat(raw[i] << 16);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    target[i] = read(data, index + i);
                }
            }
        }
    }

    /** Halving with a sticky last bit keeps the rounding right, then doubling is exact. */
    private static float unsignedToFloat(long value) {
        return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2f;
    }
}
