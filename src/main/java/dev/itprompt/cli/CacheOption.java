package dev.itprompt.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** The option that bounds the features that runs share. */
final class CacheOption {

    private static final long MIB = 1 << 20;

    @Option(names = "--cache-size", paramLabel = "SIZE", converter = ByteSize.class,
            description = "Most disk space for features that all runs share (output/cache/features), such as 10GB; what was used least recently "
                    + "goes; 0 keeps none. Short for --set featureCache=MiB; default: 4GB.")
    private Long size;

    /** Says it as a setting. */
    void into(ConfigOptions settings) {
        if (size != null) {
            settings.add("featureCache=" + Math.ceilDiv(size, MIB));
        }
    }

    /** Says it to another process. */
    List<String> words() {
        return size == null ? List.of() : List.of("--cache-size", Long.toString(size));
    }
}
