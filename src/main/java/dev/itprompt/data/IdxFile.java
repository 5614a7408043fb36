package dev.itprompt.data;

import dev.itprompt.Reason;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The contents of an IDX file of unsigned bytes, the format of MNIST: two zero bytes, the type 8, the rank, the extents as
 * big-endian 32-bit numbers, then the values in row-major order.
 *
 * @param dims   extents, outermost first
 * @param values as many bytes as the product of the extents; not copied, treat as read-only
 */
public record IdxFile(List<Integer> dims, byte[] values) {

    private static final int UNSIGNED_BYTE = 8;
    private static final String REMEDY = "fetch the file again";
    /** Bytes that one byte of a gzipped file can stand for. */
    private static final int LARGEST_RATIO = 1032;

    /**
     * Reads a file, plain or gzipped.
     *
     * @param rank how many extents are expected: 3 for images (count, height, width), 1 for labels
     * @throws DataException if the file is missing, no IDX file of unsigned bytes of this rank, or not exactly as long as it
     *                       says
     */
    public static IdxFile read(Path file, int rank) {
        long size = DataFiles.size(file, "an IDX file");
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16); InputStream in = unzip(raw)) {
            int[] dims = readHeader(file, in, rank);
            long expected = 1;
            for (int dim : dims) {
                expected *= dim;
                if (expected > Integer.MAX_VALUE - 64) {
                    throw new DataException(file, "fewer than 2^31 values", "extents " + Arrays.toString(dims), REMEDY);
                }
            }
            long most = in == raw ? size - 4 - 4L * rank : size * LARGEST_RATIO;
            if (expected > most) {
                throw tooShort(file, expected, dims, in == raw ? String.valueOf(most) : "at most " + most);
            }
            MemoryBudget.HEAP.require(expected, file, expected + " bytes of values");
            byte[] values = new byte[(int) expected];
            int read = in.readNBytes(values, 0, values.length);
            if (read < expected || in.read() >= 0) {
                throw tooShort(file, expected, dims, read < expected ? String.valueOf(read) : "more");
            }
            return new IdxFile(Arrays.stream(dims).boxed().toList(), values);
        } catch (ZipException | EOFException e) {
            throw new DataException(file, "a complete IDX file, plain or gzipped", "damage (" + Reason.of(e) + ")", REMEDY, e);
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
    }

    private static DataException tooShort(Path file, long expected, int[] dims, String found) {
        return new DataException(file, expected + " bytes of values for extents " + Arrays.toString(dims), found + " bytes", REMEDY);
    }

    private static InputStream unzip(InputStream raw) throws IOException {
        raw.mark(2);
        boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
        raw.reset();
        return zipped ? new GZIPInputStream(raw, 1 << 16) : raw;
    }

    private static int[] readHeader(Path file, InputStream in, int rank) throws IOException {
        byte[] header = in.readNBytes(4 + 4 * rank);
        int expected = UNSIGNED_BYTE << 8 | rank;
        int magic = header.length < 4 ? -1 : intAt(header, 0);
        if (magic != expected) {
            throw new DataException(file, String.format(Locale.ROOT, "the magic number %08x (unsigned bytes, rank %d)", expected, rank),
                    header.length < 4 ? header.length + " bytes" : String.format(Locale.ROOT, "%08x", magic),
                    "check that it is the right file");
        }
        if (header.length < 4 + 4 * rank) {
            throw new DataException(file, (4 + 4 * rank) + " bytes of header", header.length + " bytes", REMEDY);
        }
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = intAt(header, 4 + 4 * i);
            if (dims[i] < 1) {
                throw new DataException(file, "extents of at least 1", "extent " + Integer.toUnsignedString(dims[i]), REMEDY);
            }
        }
        return dims;
    }

    private static int intAt(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }
}
