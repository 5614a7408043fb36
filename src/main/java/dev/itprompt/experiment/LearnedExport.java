package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StoredValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** What a method has learned, for other programs; docs/export.md says how to classify with it. */
public final class LearnedExport {

    /** Kinds of files. */
    public enum Format { SAFETENSORS, NPZ, JSON }

    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final int NPY_ALIGNMENT = 64;

    private LearnedExport() {}

    /** Writes values under their names, and the names of method and classes. */
    public static void write(Path file, Format format, LearnedRun learned) {
        LinkedHashMap<String, StoredValues> values = learned.values();
        String classes = ResultFiles.JSON.writeValueAsString(learned.classes());
        switch (format) {
            case SAFETENSORS -> SafeTensors.writeValues(file, values, Map.of("classes", classes));
            case NPZ -> {
                values.put("classes", new StoredValues.Text(classes));
                AtomicFile.write(file, npz(values));
            }
            case JSON -> AtomicFile.write(file, json(values, learned).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<Integer> shape(StoredValues values) {
        return switch (values) {
            case StoredValues.Floats floats -> IntStream.range(0, floats.tensor().shape().rank()).mapToObj(floats.tensor().shape()::dim).toList();
            case StoredValues.Doubles doubles -> List.of(doubles.values().length);
            case StoredValues.Longs longs -> List.of(longs.values().length);
            case StoredValues.Text text -> List.of(text.text().getBytes(StandardCharsets.UTF_8).length);
        };
    }

    private static String json(Map<String, StoredValues> values, LearnedRun learned) {
        ObjectNode root = ResultFiles.JSON.createObjectNode().put("method", learned.method());
        root.set("classes", ResultFiles.JSON.valueToTree(learned.classes()));
        ObjectNode all = root.putObject("values");
        values.forEach((name, value) -> {
            ObjectNode node = all.putObject(name);
            node.set("shape", ResultFiles.JSON.valueToTree(shape(value)));
            node.set("data", ResultFiles.JSON.valueToTree(switch (value) {
                case StoredValues.Floats floats -> floats.tensor().toArray();
                case StoredValues.Doubles doubles -> doubles.values();
                case StoredValues.Longs longs -> longs.values();
                case StoredValues.Text text -> text.text();
            }));
        });
        return ResultFiles.JSON.writeValueAsString(root) + "\n";
    }

    /** An archive with an npy file for each value; texts are the bytes of their UTF-8. */
    private static byte[] npz(Map<String, StoredValues> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, StoredValues> value : values.entrySet()) {
                ZipEntry entry = new ZipEntry(value.getKey() + ".npy");
                entry.setTimeLocal(NO_TIME);
                zip.putNextEntry(entry);
                zip.write(npy(value.getValue()));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory can be written to
        }
        return bytes.toByteArray();
    }

    /** Version 1.0 of NumPy's format. */
    private static byte[] npy(StoredValues values) {
        List<Integer> shape = shape(values);
        String type = switch (values) {
            case StoredValues.Floats _ -> "<f4";
            case StoredValues.Doubles _ -> "<f8";
            case StoredValues.Longs _ -> "<i8";
            case StoredValues.Text _ -> "|u1";
        };
        int count = shape.stream().reduce(1, Math::multiplyExact);
        String head = String.format(Locale.ROOT, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type,
                shape.stream().map(n -> n + ",").collect(Collectors.joining(" ")));
        int length = Math.ceilDiv(10 + head.length() + 1, NPY_ALIGNMENT) * NPY_ALIGNMENT;
        ByteBuffer npy = ByteBuffer.allocate(Math.addExact(length, Math.multiplyExact(count, Integer.parseInt(type.substring(2)))))
                .order(ByteOrder.LITTLE_ENDIAN);
        npy.put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1)).put((byte) 1).put((byte) 0).putShort((short) (length - 10));
        npy.put(head.getBytes(StandardCharsets.US_ASCII)).put(" ".repeat(length - 11 - head.length()).getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
        switch (values) {
            case StoredValues.Floats floats -> npy.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(floats.tensor().toArray());
            case StoredValues.Doubles doubles -> npy.slice().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(doubles.values());
            case StoredValues.Longs longs -> Arrays.stream(longs.values()).forEach(npy::putLong);
            case StoredValues.Text text -> npy.put(text.text().getBytes(StandardCharsets.UTF_8));
        }
        return npy.array();
    }
}
