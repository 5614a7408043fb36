package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that choose where graphs run. */
final class DeviceOptions {

    /** Devices by the name the command line gives them. */
    enum Kind { CPU, REFERENCE }

    @Option(names = "--device", paramLabel = "KIND", defaultValue = "cpu",
            description = "cpu (vectorized, several threads) or reference (scalar, slow, for checking); default: cpu.")
    private Kind kind;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads of the cpu device; default: one per processor. Results do not depend on it.")
    private int threads;

    /** The name of the chosen device. */
    String kind() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Threads to use for anything. */
    int threads() {
        if (threads < 0 || threads > 1024) {
            throw new InputException("--threads: expected 1 to 1024, found " + threads);
        }
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Opens the chosen device. */
    Device open() {
        return open(kind, threads());
    }

    /** Opens a device; the only place that names their classes. */
    static Device open(Kind kind, int threads) {
        return switch (kind) {
            case CPU -> new CpuDevice(threads);
            case REFERENCE -> new ReferenceDevice();
        };
    }
}
