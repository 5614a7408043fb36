package dev.itprompt.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.verify.Errors;
import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.OpKinds;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every op on the CPU device against the reference, and the same bits whatever the number of threads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpsTest {

    private static final double TOLERANCE = 1e-5;

    private final ReferenceDevice reference = new ReferenceDevice();
    private final CpuDevice oneThread = new CpuDevice(1);
    private final CpuDevice threeThreads = new CpuDevice(3);

    static List<OpCase> cases() {
        return OpCases.all();
    }

    @AfterAll
    void close() {
        oneThread.close();
        threeThreads.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void matchesTheReference(OpCase tested) {
        long seed = 1 + tested.name().hashCode();
        Scene scene = new Scene(seed);
        tested.build().accept(scene);
        try (Executable expected = scene.compile(reference);
                Executable one = scene.compile(oneThread);
                Executable three = scene.compile(threeThreads)) {
            for (int run = 1; run <= 2; run++) {
                expected.run();
                one.run();
                three.run();
                for (Node node : scene.results()) {
                    String where = tested.name() + ", " + node + ", run " + run + ", seed " + seed;
                    double[] exact = ((ReferenceDevice.Run) expected).readExact(node);
                    float[] actual = one.read(node).toArray();
                    Errors errors = Errors.between(exact, actual, tested.scale());
                    assertTrue(errors.relative() <= TOLERANCE, () -> where + ": " + errors);
                    assertArrayEquals(actual, three.read(node).toArray(), "bits depend on the threads: " + where);
                }
            }
        }
    }

    @Test
    void noOpIsLeftOut() {
        Set<Class<?>> covered = new HashSet<>();
        for (OpCase tested : cases()) {
            Scene scene = new Scene(1);
            tested.build().accept(scene);
            scene.graph().nodes().forEach(node -> covered.add(node.op().getClass()));
        }
        assertEquals(OpKinds.all(), covered);
    }
}
