package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** NumPy headers that lie, in a file and in an archive. */
class HostileNumpyTest {

    private static final List<String> HEADERS = List.of("", "{}", "{", "[1]", "None", "__import__('os').system('true')",
            header("|O", "False", "2"), header("<V8", "False", "2"), header(">f4", "False", "2"), header("<c8", "False", "1"),
            header("[('a', '<f4')]", "False", "2"), header("<f4", "0", "2"), header("<f4", "exit()", "2"), header("<f4", "False",
            "-2,"),
            header("<f4", "False", "3,"), header("<f4", "False", "2, 2"), header("<f4", "True", "2, 2"), header("<f4", "False",
            "1e9"),
            header("<f4", "False", "999999999999999999,"), header("<f4", "False", "9999999999999999999,"),
            header("<f4", "False", "999999999999999999, 999999999999999999"), header("<f4", "True",
            "999999999999999999, 999999999999999999"),
            header("<f4", "True", "0, 999999999999999999, 999999999999999999"), header("<f4", "False", "__import__('os')"),
            header("<f4", "False", "1, ".repeat(65)), header("<f4", "False", ",".repeat(60_000)), header("<f4", "False",
            "9".repeat(60_000)),
            header("<f4", "False", "2").replace("}", ", 'x': 1}"), header("<f4", "False", "2").replace("}", " ".repeat(60_000)),
            header("<f4", "False", "2") + " ".repeat(30_000) + "x", " ".repeat(65_000), "{'descr':" + " ".repeat(65_000),
            header("<f4", "False", " ".repeat(60_000) + "x"), "{'descr': '" + "<".repeat(60_000));

    private static String header(String type, String columns, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': " + columns + ", 'shape': (" + shape + "), }";
    }

    private static byte[] npy(int version, int length, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) length).put(text).putDouble(1);
            return Arrays.copyOf(bytes.array(), 10 + text.length + 8);
        }
        return bytes.putInt(length).put(text).putDouble(1).array();
    }

    private static byte[] npz(byte[] npy) {
        RawZip zip = new RawZip();
        zip.add("hostile.npy", npy);
        return zip.bytes();
    }

    private static void refused(byte[] npy) {
        for (byte[] file : List.of(npy, npz(npy))) {
            Hostile.open(file).ifPresent(checkpoint -> checkpoint.tensors().values().forEach(tensor ->
                    Hostile.check(assertThrows(CheckpointException.class, tensor::load))));
        }
    }

    @ParameterizedTest
    @FieldSource("HEADERS")
    void lyingHeadersAreRefused(String header) {
        refused(npy(1, header.length(), header));
        refused(npy(2, header.length(), header));
    }

    @Test
    void lyingLengthsAndVersionsAreRefused() {
        String header = header("<f4", "False", "2,");
        for (int version : new int[] {1, 2, 3}) {
            assertEquals(2, Hostile.open(npy(version, header.length(), header)).orElseThrow().tensors().values().iterator().next()
                    .load().shape().size());
            for (int length : new int[] {0, 1, header.length() - 1, header.length() + 1, 0xffff, version == 1 ? 0x8000 : -1}) {
                refused(npy(version, length, header));
            }
        }
        for (int version : new int[] {0, 4, 127, 128, 255}) {
            refused(npy(version, header.length(), header));
        }
    }
}
