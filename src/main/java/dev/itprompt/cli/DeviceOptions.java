package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.device.DeviceProvider;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Options that choose where graphs run. */
final class DeviceOptions {

    /** Kinds of devices; the last one is there where the build found TornadoVM. */
    static final List<String> KINDS = List.of("cpu", "reference", "tornado");

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "cpu",
            description = "cpu (vectorized, several threads), reference (scalar, slow, for checking) or "
                    + "tornado[:backend[:index]][@precision] (GPUs and OpenCL, needs TornadoVM; precision of tornado:cuda: exact, "
                    + "bf16 with tensor cores, or fp32 or tf32 with cuBLAS); default: cpu.")
    private String name;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads of the cpu device; default: one per processor. Results do not depend on it.")
    private int threads;

    /** The name of the chosen device. */
    String kind() {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Chooses a device by its name. */
    void choose(String chosen) {
        name = chosen;
    }

    /** Whether the number of threads was given. */
    boolean threadsAreGiven() {
        return threads != 0;
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
        return open(kind(), threads());
    }

    /** Opens a device by its full name; the only place that names their classes. */
    static Device open(String name, int threads) {
        return switch (name) {
            case "cpu" -> new CpuDevice(threads);
            case "reference" -> new ReferenceDevice();
            case String _ when isProvided(name) -> provider(KINDS.getLast()).open(withoutKind(name));
            default -> throw new InputException("--device: expected cpu, reference or tornado[:backend[:index]], found " + Excerpt.of(name, 80));
        };
    }

    /** The chosen device with each family of its kernels; see {@link DeviceProvider#families}. */
    Map<String, Supplier<Device>> families() {
        return isProvided(kind()) ? provider(KINDS.getLast()).families(withoutKind(kind())) : Map.of("", this::open);
    }

    /** Full names of all devices of a kind. */
    static List<String> names(String kind) {
        return kind.equals(KINDS.getLast()) ? provider(kind).names().stream().map(name -> kind + ":" + name).toList() : List.of(kind);
    }

    /** The source texts of a device's kernels by name; see {@link DeviceProvider#sources}. */
    Map<String, String> kernelSources() {
        if (!isProvided(kind())) {
            throw new InputException("--device: only kernels of tornado[:backend[:index]] become source texts, found " + Excerpt.of(name, 80));
        }
        return provider(KINDS.getLast()).sources(withoutKind(kind()));
    }

    private static boolean isProvided(String name) {
        return name.equals(KINDS.getLast()) || name.startsWith(KINDS.getLast() + ":");
    }

    /** What tells a device from others of its kind, as {@link DeviceProvider} wants it. */
    private static String withoutKind(String name) {
        return name.substring(Math.min(name.length(), KINDS.getLast().length() + 1));
    }

    private static DeviceProvider provider(String kind) {
        return ServiceLoader.load(DeviceProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(provider -> provider.kind().equals(kind)).findFirst()
                .orElseThrow(() -> new InputException("the tornado device needs TornadoVM 5.2.0 for JDK 25: install it with SDKMAN"
                        + " (sdk install tornadovm 5.2.0-jdk25-opencl), or set TORNADOVM_HOME to its folder"));
    }
}
