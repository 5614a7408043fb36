package dev.itprompt.trace;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every method's prompts, losses, statistics and schedules against numbers recorded while the authors' code ran. */
class ReferenceTraceTest {

    private record Run(String name, Supplier<Device> open, boolean exact) {}

    private static final List<Run> RUNS = List.of(new Run("reference", ReferenceDevice::new, true),
            new Run("cpu", () -> new CpuDevice(1), false));

    @TestFactory
    Stream<DynamicTest> traces() {
        Path folder = Path.of(System.getProperty("itprompt.goldens", "../shared/goldens"));
        World world = new World(folder);
        return Trace.index(folder).entrySet().stream().flatMap(entry -> RUNS.stream().filter(run -> Files.exists(folder.resolve(entry.getKey() + ".safetensors")))
                .map(run -> dynamicTest(entry.getKey() + ", " + run.name(), () -> check(run, world, folder, entry.getKey(), entry.getValue()))));
    }

    private static void check(Run run, World world, Path folder, String name, JsonNode index) {
        Trace trace = Trace.open(folder, name, index);
        Comparison comparison = new Comparison(trace, run.exact());
        try (Device device = run.open().get()) {
            if (trace.has("param/norm.weight")) {
                TracedMapping.run(device, trace, comparison);
            } else if (trace.has("t1/replay/after/mlp.norm.weight")) {
                new TracedInference(device, world, trace, comparison).run();
            } else {
                new TracedPrompts(device, world, trace, Families.of(trace), comparison).run();
            }
            comparison.finish();
        }
    }
}
