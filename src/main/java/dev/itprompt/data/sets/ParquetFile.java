package dev.itprompt.data.sets;

import dev.hardwood.HardwoodContext;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.StoredImage;
import dev.itprompt.data.UnpackedImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Parquet file with a row for each image, as Hugging Face publishes data sets: a column of encoded images, bare or as a struct of
 * {@code bytes} and {@code path}, and one of labels, whole numbers or text. Which columns these are, and the names of the classes, stand in
 * the file's {@code huggingface} metadata where there are any; otherwise the columns' names and types say it. A row cannot be read without the
 * page of rows that it is compressed with, of which writers may make one for the whole file; so the images are unpacked once.
 *
 * @param file       where it is
 * @param rows       number of images
 * @param image      column of the images' bytes
 * @param label      column of labels; null if there is none
 * @param classNames by label as the metadata has them; empty if it has none
 */
record ParquetFile(Path file, int rows, ColumnSchema image, ColumnSchema label, List<String> classNames) {

    private static final List<String> IMAGE_NAMES = List.of("image", "img", "jpg", "png", "webp");
    private static final List<String> LABEL_NAMES = List.of("label", "fine_label", "labels", "class", "category", "cls");
    /** Those that can be read. */
    private static final Set<CompressionCodec> CODECS = Set.of(CompressionCodec.UNCOMPRESSED, CompressionCodec.SNAPPY, CompressionCodec.GZIP);
    private static final int MOST_ROWS = 10_000_000;
    /** Images that are in memory at a time. */
    private static final int IMAGES = 16;
    /** How long the reader may take for the next few rows: a few damaged files let it search for ever. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** Kept, for a logger that nobody holds forgets its level. */
    private static final Logger LOGGER = Logger.getLogger("dev.hardwood");

    static {
        LOGGER.setLevel(Level.WARNING);
    }

    /** Work on something open. */
    private interface Work<C, T> {
        T run(C open) throws IOException;
    }

    /** The reader does not answer. */
    private static final class StuckException extends IOException {
        private static final long serialVersionUID = 1;

        StuckException(Duration after) {
            super("no rows were found in " + after.toSeconds() + " s");
        }
    }

    /** Works and closes, unless the reader is stuck: closing would wait for it for ever. */
    private static <C extends AutoCloseable, T> T using(C open, Work<C, T> work) throws IOException {
        boolean stuck = false;
        try {
            return work.run(open);
        } catch (StuckException e) {
            stuck = true;
            throw e;
        } finally {
            if (!stuck) {
                close(open);
            }
        }
    }

    private static void close(AutoCloseable open) throws IOException {
        try {
            open.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Whatever the reader throws means that the file is not as it should be. */
    private static <T> T with(Path file, Work<ParquetFileReader, T> work) {
        DataFiles.size(file, "a Parquet file");
        try {
            return using(HardwoodContext.create(1), context -> using(ParquetFileReader.open(InputFile.of(file), context), work));
        } catch (InputException | FailureException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            throw new DataException(file, "a complete Parquet file", "damage or another format" + (e.getMessage() == null ? ""
                    : " (" + e.getMessage() + ")"), "fetch it again", e);
        }
    }

    /**
     * Reads what the file says of itself; no row is read.
     *
     * @throws DataException if it is damaged, or it does not say which columns are images and labels
     */
    static ParquetFile open(Path file) {
        return with(file, reader -> {
            long rows = reader.getFileMetaData().numRows();
            List<RowGroup> groups = reader.getFileMetaData().rowGroups();
            if (rows < 1 || rows > MOST_ROWS || groups.stream().mapToLong(RowGroup::numRows).sum() != rows) {
                throw new DataException(file, "1 to " + MOST_ROWS + " rows", rows + " rows in " + groups.size() + " groups", "fetch it again");
            }
            JsonNode features = features(file, reader.getFileMetaData().keyValueMetadata().get("huggingface"));
            Map<String, List<ColumnSchema>> columns = new LinkedHashMap<>();
            for (ColumnSchema column : reader.getFileSchema().getColumns()) {
                columns.computeIfAbsent(column.fieldPath().elements().getFirst(), _ -> new ArrayList<>()).add(column);
            }
            String imageName = choose(file, "image", columns, Stream.concat(ofType(features, "Image"), IMAGE_NAMES.stream()).toList(),
                    columns.keySet().stream().filter(name -> bytes(columns.get(name)) != null).toList());
            ColumnSchema image = bytes(columns.get(imageName));
            if (image == null) {
                throw new DataException(file, "images in column '" + imageName + "' as binary, or as a struct of bytes and path",
                        describe(columns.get(imageName)), "write it so");
            }
            List<String> wanted = Stream.concat(LABEL_NAMES.stream(), ofType(features, "ClassLabel")).filter(columns::containsKey).toList();
            ColumnSchema label = wanted.isEmpty() ? null : label(file, columns.get(wanted.getFirst()));
            for (ColumnChunk chunk : groups.stream().flatMap(group -> group.columns().stream()).toList()) {
                List<String> path = chunk.metaData().pathInSchema().elements();
                if ((path.equals(image.fieldPath().elements()) || label != null && path.equals(label.fieldPath().elements()))
                        && !CODECS.contains(chunk.metaData().codec())) {
                    throw new DataException(file, "no compression, Snappy or GZIP", chunk.metaData().codec().toString(), "write it so");
                }
            }
            List<String> names = label == null ? List.of() : names(features.path(wanted.getFirst()));
            return new ParquetFile(file, (int) rows, image, label, names);
        });
    }

    /** The columns that Hugging Face's metadata describes; nothing where there is none. */
    private static JsonNode features(Path file, String metadata) {
        if (metadata == null) {
            return JsonMapper.shared().createObjectNode();
        }
        try {
            return JsonMapper.shared().readTree(metadata).path("info").path("features");
        } catch (JacksonException e) {
            throw new DataException(file, "JSON in its metadata 'huggingface'", e.getOriginalMessage(), "fetch it again", e);
        }
    }

    private static Stream<String> ofType(JsonNode features, String type) {
        return features.propertyStream().filter(feature -> feature.getValue().path("_type").asString("").equals(type)).map(Map.Entry::getKey);
    }

    private static List<String> names(JsonNode feature) {
        return feature.path("names").valueStream().map(name -> DatasetFolder.text(name.asString(""))).toList();
    }

    /** The first of the names that there is; else the only column that could be meant. */
    private static String choose(Path file, String what, Map<String, List<ColumnSchema>> columns, List<String> names, List<String> possible) {
        return names.stream().filter(columns::containsKey).findFirst().orElseGet(() -> {
            if (possible.size() != 1) {
                throw new DataException(file, "a column '" + what + "'", columns.values().stream().map(ParquetFile::describe)
                        .collect(Collectors.joining(", ")), "rename the column");
            }
            return possible.getFirst();
        });
    }

    private static String describe(List<ColumnSchema> leaves) {
        return leaves.stream().map(leaf -> leaf.fieldPath() + " " + (isText(leaf) ? "text" : leaf.type())
                + (leaf.maxRepetitionLevel() > 0 ? " list" : "")).collect(Collectors.joining(", "));
    }

    private static boolean isText(ColumnSchema leaf) {
        return leaf.type() == PhysicalType.BYTE_ARRAY && leaf.logicalType() instanceof LogicalType.StringType;
    }

    /** The column of bytes, of one for each row; null if a column is neither binary nor a struct with binary bytes. */
    private static ColumnSchema bytes(List<ColumnSchema> leaves) {
        return leaves.stream().filter(leaf -> leaf.type() == PhysicalType.BYTE_ARRAY && !isText(leaf) && leaf.maxRepetitionLevel() == 0)
                .filter(leaf -> leaf.fieldPath().elements().size() == 1
                        || leaf.fieldPath().elements().size() == 2 && leaf.name().equals("bytes")).findFirst().orElse(null);
    }

    private static ColumnSchema label(Path file, List<ColumnSchema> leaves) {
        ColumnSchema leaf = leaves.getFirst();
        boolean number = leaf.type() == PhysicalType.INT32 || leaf.type() == PhysicalType.INT64;
        if (leaves.size() > 1 || leaf.fieldPath().elements().size() > 1 || leaf.maxRepetitionLevel() > 0 || !number && !isText(leaf)) {
            throw new DataException(file, "labels as whole numbers or text in column '" + leaf.fieldPath().elements().getFirst() + "'",
                    describe(leaves), "write it so");
        }
        return leaf;
    }

    /** The numbers of the rows. */
    IntStream indices() {
        return IntStream.range(0, rows);
    }

    /** Whether labels are text. */
    boolean hasTextLabels() {
        return isText(label);
    }

    /**
     * The labels as they are written, in the order of the rows.
     *
     * @throws DataException if there is no column of labels, or a row has none
     */
    List<String> labels() {
        if (label == null) {
            throw new DataException(file, "a column '" + LABEL_NAMES.getFirst() + "' of whole numbers or text", "none", "rename the column");
        }
        List<String> labels = new ArrayList<>(rows);
        each(label, 4096, (reader, count) -> {
            long[] longs = label.type() == PhysicalType.INT64 ? reader.getLongs() : null;
            int[] ints = label.type() == PhysicalType.INT32 ? reader.getInts() : null;
            String[] texts = isText(label) ? reader.getStrings() : null;
            for (int i = 0; i < count; i++) {
                labels.add(longs != null ? Long.toString(longs[i]) : ints != null ? Integer.toString(ints[i]) : ClassNames.clean(texts[i]));
            }
        });
        return labels;
    }

    /**
     * The images, which are unpacked if they are not yet.
     *
     * @param folder for unpacked ones
     * @throws DataException if the file is damaged, or a row has none
     */
    List<StoredImage> images(Path folder) {
        return UnpackedImages.of(folder, file, rows, taker -> each(image, IMAGES, (reader, count) -> {
            byte[] bytes = reader.getBinaryValues();
            int[] offsets = reader.getBinaryOffsets();
            for (int i = 0; i < count; i++) {
                taker.take(bytes, offsets[i], offsets[i + 1] - offsets[i]);
            }
        }));
    }

    private interface Rows {
        void take(ColumnReader reader, int count);
    }

    /**
     * The answer of the reader.
     *
     * @throws IOException if it throws something, or takes longer than that
     */
    static boolean withPatience(Callable<Boolean> reader, Duration most) throws IOException {
        FutureTask<Boolean> answer = new FutureTask<>(reader);
        Thread.ofPlatform().daemon().start(answer);
        try {
            return answer.get(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw (IOException) new StuckException(most).initCause(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a Parquet file was read", e);
        }
    }

    /** Hands over a column a few rows at a time; each has a value. */
    private void each(ColumnSchema column, int most, Rows use) {
        String path = String.join(".", column.fieldPath().elements());
        with(file, reader -> using(reader.buildColumnReaders(ColumnProjection.columns(path)).batchSize(most).build(), readers -> {
            int row = 0;
            while (withPatience(readers::nextBatch, PATIENCE)) {
                ColumnReader values = readers.getColumnReader(0);
                int missing = IntStream.range(0, values.getValueCount()).filter(values.getLeafValidity()::isNull).findFirst().orElse(-1);
                if (missing >= 0) {
                    throw new DataException(file, "a value of '" + path + "' in each row", "none in row " + (row + missing),
                            "remove the row, or fetch the file again");
                }
                use.take(values, values.getValueCount());
                row += values.getValueCount();
            }
            if (row != rows) {
                throw new DataException(file, rows + " rows, as it says", row + " values of '" + path + "'", "fetch it again");
            }
            return row;
        }));
    }
}
