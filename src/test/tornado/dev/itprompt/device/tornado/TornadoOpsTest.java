package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.device.verify.Verification;
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

    private final Device device = TestedDevice.open();
    /** CUDA's compiler fuses products and sums, which leaves 4e-5 of what is 0, the gradient of a layer norm of width 1. */
    private final double tolerance = Engine.isCuda(TornadoProvider.hardware("")) ? 1e-4 : 1e-5;

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
        Verification verification = new Verification(device);
        verification.check(tested);
        for (Verification.Row row : verification.rows()) {
            assertTrue(row.errors().relative() <= tolerance, () -> tested.name() + ": " + row);
        }
    }
}
