package dev.itprompt.data.sets;

import dev.itprompt.Warnings;
import dev.itprompt.data.ImageLoading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The layouts of all data sets, small, as {@code src/test/python/dataset_layouts.py} wrote them. */
public final class Layouts {

    private Layouts() { }

    /** Unpacks all of them, or those whose name begins with something. */
    public static Path unpack(Path folder, String prefix) throws IOException {
        try (InputStream in = Layouts.class.getResourceAsStream("layouts.tar.gz");
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                if (entry.getName().startsWith(prefix) && !entry.isDirectory()) {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                }
            }
        }
        return folder;
    }

    static ImageLoading loading(Warnings warnings) {
        return new ImageLoading(2, 0, warnings);
    }

    /** What dataset.kind is called for a layout. */
    static String kind(String layout) {
        return layout.replaceFirst("-(bin|lists|trees)$", "");
    }

    /** Opens the data set that is laid out so in a folder. */
    public static Split open(Path layout) {
        return Datasets.open(kind(layout.getFileName().toString()), options(layout, Warnings.NONE));
    }

    /** Options that accept other counts than the published ones. */
    static DatasetOptions options(Path folder, Warnings warnings) {
        return DatasetOptions.of(folder, loading(warnings)).unchecked();
    }
}
