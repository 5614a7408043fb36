package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Errors;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.Node;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every op on the default TornadoVM device against the reference, twice in a row. Results are NaN before the first run, so a
 * kernel that does not run, or leaves an element out, is noticed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TornadoOpsTest {

    private static final double TOLERANCE = 1e-5;

    private final ReferenceDevice reference = new ReferenceDevice();
    private final Device device = TestedDevice.open();

    static List<OpCase> cases() {
        return OpCases.all();
    }

    @AfterAll
    void close() {
        device.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void matchesTheReference(OpCase tested) {
        long seed = 1 + tested.name().hashCode();
        Scene scene = new Scene(seed);
        tested.build().accept(scene);
        try (Executable expected = scene.compile(reference); Executable actual = scene.compile(device)) {
            for (int run = 1; run <= 2; run++) {
                expected.run();
                actual.run();
                for (Node node : scene.results()) {
                    String where = tested.name() + ", " + node + ", run " + run + ", seed " + seed;
                    Errors errors = Errors.between(((ReferenceDevice.Run) expected).readExact(node), actual.read(node).toArray(),
                            tested.scale());
                    assertTrue(errors.relative() <= TOLERANCE, () -> where + ": " + errors);
                }
            }
        }
    }
}
