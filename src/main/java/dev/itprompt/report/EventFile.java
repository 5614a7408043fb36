package dev.itprompt.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * An event file as TensorBoard reads it: protocol buffer messages {@code tensorflow.Event} (event.proto, summary.proto), each framed as a
 * TFRecord by its length and masked CRC-32C sums. Little-endian throughout.
 */
final class EventFile {

    private static final String VERSION = "brain.Event:2";
    private static final int MASK = 0xa282ead8;

    /** Kinds of a protocol buffer field. */
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private EventFile() {}

    /**
     * A point of a curve.
     *
     * @param tag     the curve's name; what stands before a slash groups curves
     * @param step    where it is
     * @param seconds when it was measured, since 1970
     * @param value   what was measured
     */
    record Scalar(String tag, long step, double seconds, double value) {}

    /** The file's bytes: its version and an event for each point, in their order. */
    static byte[] of(List<Scalar> scalars) {
        EventFile records = new EventFile();
        double begin = scalars.isEmpty() ? 0 : scalars.getFirst().seconds();
        records.record(new EventFile().fixed64(1, begin).text(3, VERSION));
        for (Scalar scalar : scalars) {
            EventFile value = new EventFile().text(1, scalar.tag()).fixed32(2, (float) scalar.value());
            EventFile summary = new EventFile().nested(1, value.bytes.toByteArray());
            records.record(new EventFile().fixed64(1, scalar.seconds()).varint(2, scalar.step()).nested(5, summary.bytes.toByteArray()));
        }
        return records.bytes.toByteArray();
    }

    private void record(EventFile message) {
        byte[] data = message.bytes.toByteArray();
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        bytes.writeBytes(length);
        bytes.writeBytes(little(Integer.BYTES).putInt(masked(length)).array());
        bytes.writeBytes(data);
        bytes.writeBytes(little(Integer.BYTES).putInt(masked(data)).array());
    }

    /** The CRC-32C sum, rotated and shifted, so that sums of what has sums in it are none themselves. */
    static int masked(byte[] data) {
        CRC32C sum = new CRC32C();
        sum.update(data);
        return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private EventFile fixed64(int field, double value) {
        key(field, EIGHT_BYTES).bytes.writeBytes(little(Double.BYTES).putDouble(value).array());
        return this;
    }

    private EventFile fixed32(int field, float value) {
        key(field, FOUR_BYTES).bytes.writeBytes(little(Float.BYTES).putFloat(value).array());
        return this;
    }

    private EventFile varint(int field, long value) {
        return key(field, VARINT).varint(value);
    }

    private EventFile text(int field, String text) {
        return nested(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private EventFile nested(int field, byte[] content) {
        key(field, LENGTH).varint(content.length).bytes.writeBytes(content);
        return this;
    }

    private EventFile key(int field, int kind) {
        return varint((long) field << 3 | kind);
    }

    /** Seven bits a byte, the lowest first, the highest bit set on all but the last. */
    private EventFile varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }
}
