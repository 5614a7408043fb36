package dev.itprompt.device.tornado;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.device.DeviceProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Devices of all TornadoVM backends, named {@code backend:index}, for example {@code opencl:0}. */
public final class TornadoProvider implements DeviceProvider {

    /** TornadoVM's settings, in force unless the command line of the JVM says otherwise. */
    private static final Map<String, String> SETTINGS = Map.of(
            "tornado.recover.bailout", "False", // a kernel that fails must not become a sequential run in Java
            "tornado.opencl.compiler.flags", "-w", // no relaxed arithmetic: masked logits are infinite
            "tornado.compiler.fullInlining", "True", // else methods of a kernel may have 600 nodes of the compiler's at most
            "tornado.vmflush", "False", // with CUDA it means waiting for the device after each launch
            "tornado.max.events", "64", // entries of lists that are cleared at each launch; a graph here has a handful, not 32768
            "tornado.cuda.host.pinning", "false", // a table may change while its launch waits: the driver has to copy it at once
            "tornado.device.memory", "9GB"); // the heap is one array, at most 8 GiB

    /** Filled once: TornadoVM's start cannot be repeated in one JVM. */
    private static Map<String, TornadoDevice> devices;

    @Override
    public String kind() {
        return "tornado";
    }

    @Override
    public List<String> names() {
        return List.copyOf(devices().keySet());
    }

    @Override
    public Device open(String name) {
        String[] parts = name.split("@", 2);
        Precision precision = parts.length == 1 ? Precision.EXACT : Precision.of(parts[1]);
        TornadoDevice hardware = hardware(parts[0]);
        if (precision != Precision.EXACT && !Engine.isCuda(hardware)) {
            throw new InputException("--device: precision " + precision + " needs TornadoVM's CUDA backend, which tornado:" + name
                    + " is not; leave it out, or use tornado:cuda");
        }
        return Canary.checked(create(parts[0], rung(hardware), precision));
    }

    @Override
    public Map<String, Supplier<Device>> families(String name) {
        String[] parts = name.split("@", 2);
        if (parts.length > 1) {
            return DeviceProvider.super.families(name);
        }
        Map<String, Supplier<Device>> families = new LinkedHashMap<>();
        for (Lowering.Rung rung : Lowering.Rung.values()) {
            families.put(rung.name().toLowerCase(Locale.ROOT), () -> create(name, rung, Precision.EXACT));
        }
        return families;
    }

    /** The device that a name or the beginning of one means. */
    static TornadoDevice hardware(String name) {
        return devices().get(fullName(name));
    }

    private static String fullName(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return devices().keySet().stream().filter(known -> wanted.isEmpty() || known.equals(wanted) || known.startsWith(wanted + ":"))
                .findFirst()
                .orElseThrow(() -> new InputException("no TornadoVM device " + name + ": expected one of " + devices().keySet()));
    }

    /**
     * A device that has not been checked yet.
     *
     * @param rung      which kernels do matrix products and attention
     * @param precision of matrix products
     */
    static dev.itprompt.device.tornado.TornadoDevice create(String name, Lowering.Rung rung, Precision precision) {
        String full = fullName(name);
        return new dev.itprompt.device.tornado.TornadoDevice(devices().get(full), full, rung, precision);
    }

    /** On GPUs local memory is fast and barriers are cheap; TornadoVM's PTX keeps private arrays in memory. */
    private static Lowering.Rung rung(TornadoDevice device) {
        if (device.getDeviceType() != TornadoDeviceType.GPU) {
            return Lowering.Rung.VECTORS;
        }
        if (device.getDeviceLocalMemorySize() < TiledAttentions.LOCAL_BYTES) {
            return Lowering.Rung.PLAIN;
        }
        return device.getTornadoVMBackend() == TornadoVMBackendType.PTX ? Lowering.Rung.TILES : Lowering.Rung.BLOCKS;
    }

    /** TornadoVM writes all sources to one file, if it is told so before it starts; what a kernel added is the kernel's. */
    @Override
    public Map<String, String> sources(String name) {
        if (devices != null) {
            throw new IllegalStateException("TornadoVM has been started without writing sources");
        }
        try {
            Path file = Files.createTempFile("itprompt-kernels", ".txt");
            System.setProperty("tornado.printKernel", "True");
            System.setProperty("tornado.print.kernel.dir", file.toString());
            try (dev.itprompt.device.tornado.TornadoDevice device = create(name, rung(hardware(name)), Precision.EXACT)) {
                Map<String, String> sources = new LinkedHashMap<>();
                for (Kernel kernel : Kernel.values()) {
                    int before = (int) Files.size(file);
                    device.compile(kernel);
                    byte[] all = Files.readAllBytes(file);
                    String added = new String(all, before, all.length - before, StandardCharsets.UTF_8);
                    sources.put(kernel.graphName(), added.strip() + "\n");
                }
                return sources;
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized Map<String, TornadoDevice> devices() {
        if (devices == null) {
            if (ModuleLayer.boot().findModule("tornado.runtime").isEmpty()) {
                throw new InputException("the tornado device needs TornadoVM 5.2.0 for JDK 25, and this JVM was started"
                        + " without it: install it with SDKMAN (sdk install tornadovm 5.2.0-jdk25-opencl) or set TORNADOVM_HOME to its"
                        + " folder, and start with ./itprompt");
            }
            SETTINGS.forEach((key, value) -> System.setProperty(key, System.getProperty(key, value)));
            devices = find();
        }
        return devices;
    }

    private static Map<String, TornadoDevice> find() {
        try {
            TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
            TornadoDevice preferred = runtime.getDefaultDevice();
            Map<String, TornadoDevice> found = new LinkedHashMap<>();
            for (boolean first : new boolean[] {true, false}) {
                for (int b = 0; b < runtime.getNumBackends(); b++) {
                    TornadoBackend backend = runtime.getBackend(b);
                    for (int i = 0; i < backend.getNumDevices(); i++) {
                        if (backend.getDevice(i).equals(preferred) == first) {
                            found.put(runtime.getBackendType(b).name().toLowerCase(Locale.ROOT) + ":" + i, backend.getDevice(i));
                        }
                    }
                }
            }
            return found;
        } catch (RuntimeException | Error e) { // an initializer that fails throws an error
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new InputException("TornadoVM finds no device (" + Engine.firstLine(cause)
                    + "): install a driver, for example the package pocl-opencl-icd", e);
        }
    }
}
