package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.StoredImages;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The images of a Parquet file by itself, as {@link TarImages} has those of a tar file. */
public final class ParquetImages {

    /** How such files' names end. */
    static final String ENDING = ".parquet";

    private static final int NO_LABEL = -1;

    private ParquetImages() {}

    /** Whether a file is one by its name. */
    public static boolean isParquet(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ENDING);
    }

    /**
     * All images, with labels of -1 where there are none or they are text, and without names of classes.
     *
     * @param unpacked folder for the unpacked images; made when it is needed
     * @throws DataException if the file is damaged or has no column of images
     */
    public static StoredImages read(Path file, Path unpacked, ImageLoading loading) {
        ParquetFile rows = ParquetFile.open(file);
        boolean numbered = rows.label() != null && !rows.hasTextLabels();
        int[] labels = numbered ? rows.labels().stream().mapToInt(label -> DatasetFolder.number(file, label)).toArray()
                : rows.indices().map(_ -> NO_LABEL).toArray();
        return new StoredImages(rows.images(unpacked), labels, List.of(), loading);
    }
}
