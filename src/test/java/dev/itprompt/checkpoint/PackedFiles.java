package dev.itprompt.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The checkpoints and golden files of the tests, which are kept packed. */
public final class PackedFiles {

    private PackedFiles() {}

    /** Unpacks all of them. */
    public static void unpack(Path target) throws IOException {
        Path source = source();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(source)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = source.relativize(file).toString();
            Path to = target.resolve(name.replaceFirst("\\.gz$", ""));
            Files.createDirectories(to.getParent());
            try (InputStream in = name.endsWith(".gz") ? new GZIPInputStream(Files.newInputStream(file)) : Files.newInputStream(file)) {
                Files.copy(in, to);
            }
        }
    }

    private static Path source() {
        try {
            return Path.of(PackedFiles.class.getResource("vit.golden.safetensors").toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
