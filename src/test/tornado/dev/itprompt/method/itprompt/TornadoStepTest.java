package dev.itprompt.method.itprompt;

import static dev.itprompt.tensor.TensorAssert.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.tornado.TestedDevice;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Node;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.ToyWorld;
import dev.itprompt.nn.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole training steps of IT-Prompt on the default TornadoVM device against the CPU device. */
class TornadoStepTest {

    private static final int STEPS = 1000;

    private final PromptStepTest fixture = new PromptStepTest();
    private final Prompt prompt = Prompt.random(List.of(0, 1, 2), 2, 64, new RandomStreams(20).stream("prompt"));
    private final PromptStep step = fixture.step(ToyWorld.settings(), prompt);

    private List<Node> variables() {
        List<Node> variables = new ArrayList<>(step.training().trained().values());
        return variables;
    }

    @Test
    void lossAndGradientsAreTheCpuDevices() {
        List<Node> results = new ArrayList<>(Gradients.of(step.training().graph(), step.training().loss(), variables()));
        results.add(step.training().loss());
        try (Device cpu = new CpuDevice(1); Device tornado = TestedDevice.open(); Executable expected = cpu.compile(step.training().graph(), results);
                Executable actual = tornado.compile(step.training().graph(), results)) {
            for (Executable run : List.of(expected, actual)) {
                new PromptStepTest().feed(step, run, prompt); // the same stream of random values for both
                run.run();
            }
            float loss = expected.read(step.training().loss()).get(0);
            assertEquals(loss, actual.read(step.training().loss()).get(0), 1e-5 * Math.abs(loss));
            results.removeLast();
            results.forEach(gradient -> assertClose(expected.read(gradient), actual.read(gradient), 1e-3, gradient.toString()));
        }
    }

    /** Weights stay together, and memory stays where it is after half of the steps. */
    @Test
    void aThousandStepsNeitherDriftNorLeak() throws IOException {
        try (Device cpu = new CpuDevice(1); Device tornado = TestedDevice.open();
                Executable expected = cpu.compile(step.training().graph(), step.training().results());
                Executable actual = tornado.compile(step.training().graph(), step.training().results())) {
            for (Executable run : List.of(expected, actual)) {
                new PromptStepTest().feed(step, run, prompt);
            }
            long memory = 0;
            for (int n = 1; n <= STEPS; n++) {
                for (Executable run : List.of(expected, actual)) {
                    run.write(step.training().optimizer().step(), n);
                    for (Optimizer.Group group : step.training().optimizer().groups()) {
                        run.write(group.rates(), 1e-3f * (STEPS - n) / STEPS, 0, 1);
                    }
                    run.run();
                }
                if (n % 100 == 0) { // measured after a collection, which also keeps the heap, that is no leak, from growing
                    long now = residentKilobytes();
                    memory = n <= STEPS / 2 ? now : memory;
                }
            }
            float loss = expected.read(step.training().loss()).get(0);
            assertEquals(loss, actual.read(step.training().loss()).get(0), 1e-2 * Math.abs(loss) + 1e-4, "loss after " + STEPS + " steps");
            variables().forEach(variable -> assertClose(expected.read(variable), actual.read(variable), 1e-2, variable.toString()));
            long grown = residentKilobytes() - memory;
            assertTrue(grown < 64 << 10, grown + " kB more after " + STEPS + " steps than after " + STEPS / 2);
        }
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
    }
}
