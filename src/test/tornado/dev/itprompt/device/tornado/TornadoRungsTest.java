package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Verification;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family of kernels for matrix products and attention on the default device, whichever it would choose. */
class TornadoRungsTest {

    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @EnumSource
    void everyRungMatchesTheReference(Lowering.Rung rung) {
        verify(rung, Precision.EXACT);
    }

    /** Products and attention as they are handed to a library and to tensor cores, with kernels in their place. */
    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void whatOthersAreHandedMatchesTheReference(Precision precision) {
        verify(Lowering.Rung.BLOCKS, precision);
    }

    private static void verify(Lowering.Rung rung, Precision precision) {
        TestedDevice.open().close(); // skips where there is none
        try (TornadoDevice device = TornadoProvider.create("", rung, precision)) {
            Verification verification = new Verification(device);
            OpCases.all().stream().filter(tested -> tested.name().contains("MatMul") || tested.name().contains("Attention")).forEach(verification::check);
            assertEquals(List.of(), verification.rows().stream().flatMap(row -> row.failures().stream()).toList());
            assertTrue(verification.rows().getFirst().results() > 600, verification.rows().toString());
            boolean rounds = precision == Precision.BF16 && Engine.isCuda(TornadoProvider.hardware(""));
            double tolerance = rounds ? device.productTolerance() : TOLERANCE;
            verification.rows().forEach(row -> assertTrue(row.errors().relative() <= tolerance, row.toString()));
        }
    }
}
