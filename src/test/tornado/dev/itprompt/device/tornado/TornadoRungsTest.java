package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Verification;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family of kernels for matrix rung on the default device, whichever it would choose. */
class TornadoRungsTest {

    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @EnumSource
    void matrixRungMatchTheReference(Lowering.Rung rung) {
        TestedDevice.open().close(); // skips where there is none
        try (TornadoDevice device = TornadoProvider.create("", rung)) {
            Verification verification = new Verification(device);
            OpCases.all().stream().filter(tested -> tested.name().contains("MatMul") || tested.name().contains("Attention")).forEach(verification::check);
            assertEquals(List.of(), verification.rows().stream().flatMap(row -> row.failures().stream()).toList());
            assertTrue(verification.rows().getFirst().results() > 600, verification.rows().toString());
            verification.rows().forEach(row -> assertTrue(row.errors().relative() <= TOLERANCE, row.toString()));
        }
    }
}
