package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Verification;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernels that GPUs use, on the default device, whatever it is. */
class TornadoTiledTest {

    private static final double TOLERANCE = 1e-5;

    @Test
    void matrixProductsThroughLocalMemoryMatchTheReference() {
        TestedDevice.open().close(); // skips where there is none
        try (TornadoDevice device = TornadoProvider.create("", _ -> true)) {
            Verification verification = new Verification(device);
            OpCases.all().stream().filter(tested -> tested.ops().contains("MatMul")).forEach(verification::check);
            Verification.Row row = verification.rows().getFirst();
            assertEquals(List.of(), row.failures());
            assertTrue(row.results() > 400 && row.errors().relative() <= TOLERANCE, row.toString());
        }
    }
}
