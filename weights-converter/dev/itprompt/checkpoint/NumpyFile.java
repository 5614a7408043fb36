package dev.itprompt.checkpoint;

import dev.itprompt.AtomicFile;
import dev.itprompt.checkpoint.Checkpoint.Container;
import dev.itprompt.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's formats: an npy file is a short header and the elements of one array, an npz file a zip of npy files. Arrays of
 * Python objects are refused.
 *
 * <p>Source: the format description in NumPy's {@code numpy.lib.format}, versions 1 to 3.
 */
public final class NumpyFile {

    private static final int[] MAGIC = {0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final Pattern HEADER = Pattern.compile("\\s*\\{\\s*'descr':\\s*'([^']{1,20})'\\s*,"
            + "\\s*'fortran_order':\\s*(True|False)\\s*,\\s*'shape':\\s*\\(([0-9,\\sL]*)\\)\\s*(?:,\\s*)?}\\s*");

    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private NumpyFile() {}

    static boolean accepts(MappedFile file) {
        return file.startsWith(MAGIC);
    }

    /** An npy file; its array is called as the file without its ending. */
    static Checkpoint read(MappedFile file) {
        String name = file.path().getFileName().toString().replaceFirst("\\.npy$", "");
        LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        tensors.put(name, array(file, name, new Content(file.content(), file.size(), 0, file::content)));
        return new Checkpoint(List.of(file.path()), Container.NPY, tensors, Map.of(), Map.of());
    }

    /** An npz file; arrays are called as its members without their ending. */
    static Checkpoint readArchive(MappedFile file, ZipArchive zip) {
        LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        LinkedHashMap<String, String> others = new LinkedHashMap<>();
        for (ZipArchive.Member member : zip.members()) {
            String name = member.name().replaceFirst("\\.npy$", "");
            if (member.name().endsWith(".npy")) {
                tensors.put(name, array(file, name, new Content(zip.head(member, MAX_HEADER + 12), member.size(), zip.position(member),
                        () -> zip.read(member))));
            } else {
                others.put(member.name(), member.size() + " bytes");
            }
        }
        if (tensors.isEmpty()) {
            throw CheckpointException.unsupported(file.path(), 0, null, "a PyTorch (data.pkl) or NumPy (*.npy) archive", "a zip of "
                    + zip.members().size() + " other files", "unpack it and name the checkpoint inside");
        }
        return new Checkpoint(List.of(file.path()), Container.NPZ, tensors, Map.of(), others);
    }

    /**
     * An npy file, by itself or in an archive.
     *
     * @param head     its first bytes, enough for every header
     * @param bytes    its length
     * @param position of it in the file, -1 if it is compressed
     * @param whole    reads and checks all of it
     */
    private record Content(MemorySegment head, long bytes, long position, Supplier<MemorySegment> whole) {}

    private static StoredTensor array(MappedFile file, String name, Content npy) {
        MemorySegment content = npy.head;
        long where = Math.max(0, npy.position);
        ByteBuffer start = content.asSlice(0, Math.min(12, content.byteSize())).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (start.remaining() < 12 || Arrays.stream(MAGIC).anyMatch(b -> Byte.toUnsignedInt(start.get()) != b)) {
            throw CheckpointException.damaged(file.path(), where, name, "an npy header", content.byteSize() + " other bytes");
        }
        int version = start.get();
        start.get();
        long length = version == 1 ? Short.toUnsignedInt(start.getShort()) : Integer.toUnsignedLong(start.getInt());
        int begin = version == 1 ? 10 : 12;
        if (version < 1 || version > 3 || length > Math.min(MAX_HEADER, content.byteSize() - begin)) {
            throw CheckpointException.damaged(file.path(), where, name, "an npy header of version 1 to 3 and at most " + MAX_HEADER
                    + " bytes", "version " + version + ", " + length + " bytes");
        }
        String header = new String(content.asSlice(begin, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        Matcher fields = HEADER.matcher(header);
        ElementType type = fields.matches() ? type(fields.group(1)) : null;
        if (type == null) {
            throw CheckpointException.unsupported(file.path(), where, name, "an array of little-endian numbers or booleans", header.strip(),
                    "convert the array, for instance with astype('<f4')");
        }
        List<Long> shape = shape(file, where, name, fields.group(3));
        long data = begin + length;
        Storage storage = new Storage(npy.bytes - data, npy.position < 0 ? -1 : npy.position + data, () -> npy.whole.get().asSlice(data));
        return StoredTensor.of(file, name, type, shape, fields.group(2).equals("True") ? columnMajor(shape) : null, storage, 0);
    }

    private static List<Long> shape(MappedFile file, long where, String name, String text) {
        List<Long> shape = new ArrayList<>();
        String[] extents = text.split(",", StoredTensor.MAX_RANK + 2);
        for (int i = 0; i < extents.length; i++) {
            String extent = extents[i].strip();
            if (i == extents.length - 1 && extent.isEmpty()) {
                break; // behind the last comma, or of a scalar
            }
            if (!extent.matches("[0-9]{1,18}L?")) {
                throw CheckpointException.damaged(file.path(), where, name, "at most " + StoredTensor.MAX_RANK
                        + " extents below 10^18", "'" + text + "'");
            }
            shape.add(Long.parseLong(extent.replace("L", "")));
        }
        return shape;
    }

    /** The element type of a NumPy type text such as {@code <f4}; null for one that is not read. */
    static ElementType type(String text) {
        return switch (text) {
            case "|b1", "?", "|?" -> ElementType.BOOL;
            case "|u1", "<u1" -> ElementType.U8;
            case "|i1", "<i1" -> ElementType.I8;
            case "<u2" -> ElementType.U16;
            case "<i2" -> ElementType.I16;
            case "<f2" -> ElementType.F16;
            case "<u4" -> ElementType.U32;
            case "<i4" -> ElementType.I32;
            case "<f4" -> ElementType.F32;
            case "<u8" -> ElementType.U64;
            case "<i8" -> ElementType.I64;
            case "<f8" -> ElementType.F64;
            default -> null;
        };
    }

    /** Strides in elements of an array whose first axis is the innermost; they may overflow only where the shape does. */
    static long[] columnMajor(List<Long> shape) {
        long[] strides = new long[shape.size()];
        long step = 1;
        for (int axis = 0; axis < strides.length; axis++) {
            strides[axis] = step;
            step *= Math.max(1, shape.get(axis));
        }
        return strides;
    }

    /**
     * Writes a tensor as an npy file of little-endian float32; it appears under its name only when it is complete.
     *
     * @throws dev.itprompt.WriteException if it cannot be written
     */
    public static void write(Path path, Tensor tensor) {
        AtomicFile.write(path, array(new StoredValues.Floats(tensor)));
    }

    /**
     * Writes values as an npz archive, each an array under its name; the same values give the same bytes.
     *
     * @throws dev.itprompt.WriteException if it cannot be written
     */
    public static void write(Path path, Map<String, StoredValues> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, StoredValues> value : values.entrySet()) {
                ZipEntry entry = new ZipEntry(value.getKey() + ".npy");
                entry.setTimeLocal(NO_TIME);
                zip.putNextEntry(entry);
                zip.write(array(value.getValue()));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory can be written to
        }
        AtomicFile.write(path, bytes.toByteArray());
    }

    /** Version 1 of the format; a text is the bytes of its UTF-8. */
    private static byte[] array(StoredValues values) {
        String type = switch (values) {
            case StoredValues.Floats _ -> "<f4";
            case StoredValues.Doubles _ -> "<f8";
            case StoredValues.Longs _ -> "<i8";
            case StoredValues.Text _ -> "|u1";
        };
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': ("
                + values.shape().stream().map(extent -> extent + ",").collect(Collectors.joining(" ")) + "), }";
        int total = Math.ceilDiv(10 + header.length() + 1, 64) * 64;
        int count = values.shape().stream().reduce(1, Math::multiplyExact);
        ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(total, Math.multiplyExact(count, Integer.parseInt(type.substring(2)))))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int b : MAGIC) {
            bytes.put((byte) b);
        }
        bytes.put((byte) 1).put((byte) 0).putShort((short) (total - 10));
        bytes.put((header + " ".repeat(total - 10 - header.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
        switch (values) {
            case StoredValues.Floats floats -> bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(floats.tensor().toArray());
            case StoredValues.Doubles doubles -> bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(doubles.values());
            case StoredValues.Longs longs -> Arrays.stream(longs.values()).forEach(bytes::putLong);
            case StoredValues.Text text -> bytes.put(text.text().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.array();
    }
}
