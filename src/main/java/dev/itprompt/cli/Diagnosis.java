package dev.itprompt.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Verification;
import dev.itprompt.experiment.ProjectFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Looks at everything that a run depends on: the JVM, its options, memory, the bundled files, TornadoVM and its drivers. */
final class Diagnosis {

    /** How a check ended; what is not needed for the CPU device can only be a warning. */
    enum Status { PASS, WARN, FAIL }

    /**
     * One check.
     *
     * @param repair what to do; empty if nothing
     */
    record Check(String name, Status status, String found, String repair) {}

    private static final Runtime.Version NEEDED = Runtime.Version.parse("25.0.3");
    private static final List<String> CANARIES = List.of("MatMul", "Softmax", "LayerNorm");
    private static final String INSTALL = "sdk install tornadovm 5.2.0-jdk25-opencl (SDKMAN), or set TORNADOVM_HOME to its folder";

    private final Consumer<Check> found;
    private final Status withoutTornado;

    private Diagnosis(boolean tornadoNeeded, Consumer<Check> found) {
        this.found = found;
        this.withoutTornado = tornadoNeeded ? Status.FAIL : Status.WARN;
    }

    /** Makes all checks and tells each one at once: a broken driver may end the process. */
    static void run(boolean tornadoNeeded, Consumer<Check> found) {
        Diagnosis diagnosis = new Diagnosis(tornadoNeeded, found);
        diagnosis.java();
        diagnosis.memory();
        diagnosis.files();
        diagnosis.device("cpu", Status.FAIL);
        diagnosis.tornado();
    }

    private void add(String name, Status bad, boolean good, String found, String repair) {
        this.found.accept(new Check(name, good ? Status.PASS : bad, found, good ? "" : repair));
    }

    private void java() {
        Runtime.Version version = Runtime.version();
        add("java", Status.FAIL, version.compareToIgnoreOptional(NEEDED) >= 0, version + " in " + System.getProperty("java.home"),
                "install JDK " + NEEDED + " or newer, or set ITPROMPT_JAVA_HOME to its folder");
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        boolean launched = options.stream().anyMatch(option -> option.startsWith("-XX:Tier3DelayOn="));
        add("java options", Status.WARN, launched, launched ? "as ./itprompt sets them" : "not those of ./itprompt",
                "start with ./itprompt; without -XX:Tier3DelayOn=1000000 large kernels may stay slow");
        boolean allowed = Main.class.getModule().isNativeAccessEnabled();
        add("native access", Status.WARN, allowed, allowed ? "enabled" : "not enabled",
                "add --enable-native-access=ALL-UNNAMED to the java options");
        boolean fused = CpuDevice.fusesMultiplyAdd();
        add("multiply-add", Status.WARN, fused, fused ? "fused, in hardware" : "none in this processor",
                "take another machine for large models: results are right but slow here");
    }

    private void memory() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        add("memory", Status.WARN, system.getFreeMemorySize() > 1L << 30, String.format(Locale.ROOT, "%,d MiB, %,d MiB unused",
                system.getTotalMemorySize() >> 20, system.getFreeMemorySize() >> 20),
                "close other programs; train --plan says what a step needs");
        Path pages = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        if (Files.isReadable(pages)) {
            String modes = text(pages);
            add("large pages", Status.WARN, !modes.contains("[never]"), modes,
                    "echo madvise | sudo tee " + pages + "; without them large models take longer to load");
        }
    }

    private void files() {
        for (String name : List.of("models/tiny-clip", "configs/demo.yaml")) {
            Path path = ProjectFolder.find().resolve(name);
            add("demo", Status.WARN, Files.exists(path), path + (Files.exists(path) ? "" : " is missing"),
                    "run from a complete checkout, or set -Ditprompt.root to one");
        }
    }

    /** Opens a device and has it compute a few ops at every size. */
    private void device(String name, Status bad) {
        try (Device device = DeviceOptions.open(name, Runtime.getRuntime().availableProcessors())) {
            Verification verification = new Verification(device);
            OpCases.all().stream().filter(tested -> CANARIES.stream().anyMatch(op -> tested.name().startsWith(op)))
                    .forEach(verification::check);
            List<Verification.Row> rows = verification.rows();
            List<String> wrong = rows.stream().filter(row -> !row.passed()).map(Verification.Row::op).toList();
            add("device " + name, bad, wrong.isEmpty(), device.description() + (wrong.isEmpty() ? "; computes rightly"
                    : "; wrong: " + String.join(", ", wrong)), "itprompt kernels verify --device " + name + " shows what is wrong");
        } catch (RuntimeException e) {
            add("device " + name, bad, false, String.valueOf(e.getMessage()), "itprompt devices --verbose");
        }
    }

    private void tornado() {
        String named = System.getenv("TORNADOVM_HOME");
        Path bundled = ProjectFolder.find().root().resolve("tornado");
        Path sdk = Files.isDirectory(bundled) ? bundled : named != null ? Path.of(named)
                : Path.of(System.getProperty("user.home"), ".sdkman/candidates/tornadovm/current");
        boolean found = Files.isReadable(sdk.resolve("tornado-argfile.template"));
        add("TornadoVM", withoutTornado, found, found ? sdk + ": " + backends(sdk) : "none in " + sdk, INSTALL);
        if (!found) {
            return;
        }
        boolean started = ModuleLayer.boot().findModule("tornado.runtime").isPresent();
        add("TornadoVM in java", withoutTornado, started, started ? "loaded" : "this JVM was started without it",
                "start with ./itprompt");
        List<String> drivers = entries(Path.of("/etc/OpenCL/vendors"), "*.icd");
        add("OpenCL drivers", withoutTornado, !drivers.isEmpty() || !backends(sdk).contains("opencl"),
                drivers.isEmpty() ? "none in /etc/OpenCL/vendors" : String.join(", ", drivers),
                "install the GPU's driver, or the package pocl-opencl-icd for an OpenCL device on the CPU");
        if (started) {
            try {
                DeviceOptions.names("tornado").forEach(name -> device(name, withoutTornado));
            } catch (InputException e) {
                add("TornadoVM's devices", withoutTornado, false, e.getMessage(), "see the message");
            }
        }
    }

    /** Names of the backends whose native libraries are there. */
    private static String backends(Path sdk) {
        List<String> libraries = entries(sdk.resolve("lib"), "libtornado-*.so");
        return libraries.isEmpty() ? "no backend" : String.join(", ", libraries.stream()
                .map(file -> file.substring("libtornado-".length(), file.length() - ".so".length())).toList());
    }

    private static List<String> entries(Path folder, String glob) {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            } catch (IOException e) {
                return List.of();
            }
        }
        return names.stream().sorted().toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
