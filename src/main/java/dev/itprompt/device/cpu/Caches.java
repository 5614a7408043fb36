package dev.itprompt.device.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system says of the processor's caches. */
final class Caches {

    /** Bytes of the second-level cache of a core; 1 MiB where the system does not say. */
    static final int SECOND_LEVEL = secondLevel(Path.of("/sys/devices/system/cpu/cpu0/cache"));

    private Caches() {}

    /** @param folder Linux's description of one processor's caches */
    static int secondLevel(Path folder) {
        int usual = 1 << 20;
        try {
            for (int index = 0; Files.isDirectory(folder.resolve("index" + index)); index++) {
                Path cache = folder.resolve("index" + index);
                String size = Files.readString(cache.resolve("size")).strip();
                if (Files.readString(cache.resolve("level")).strip().equals("2") && size.endsWith("K")) {
                    return Math.max(usual / 4, 1024 * Integer.parseInt(size.substring(0, size.length() - 1)));
                }
            }
            return usual;
        } catch (IOException | NumberFormatException _) {
            return usual;
        }
    }
}
