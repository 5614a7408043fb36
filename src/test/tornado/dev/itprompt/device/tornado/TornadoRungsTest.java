package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.Verification;
import dev.itprompt.graph.Op;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** Products of so many values that {@link BlockedLinear#matMulWide} does them, with the last tiles and k in part. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void largeProductsMatchTheReference(boolean transposeA, boolean transposeB) {
        TestedDevice.open().close(); // skips where there is none
        int m = 17 * BlockedLinear.WIDE_TILE - 5;
        int n = 16 * BlockedLinear.WIDE_TILE - 3;
        int k = 21;
        try (TornadoDevice device = TornadoProvider.create("", Lowering.Rung.BLOCKS, Precision.EXACT)) {
            Verification verification = new Verification(device);
            verification.check(new OpCases.OpCase("large product", 0, scene -> scene.result(scene.graph().activate(scene.graph().apply(
                    new Op.MatMul(transposeA, transposeB), transposeA ? scene.normal(k, m) : scene.normal(m, k),
                    transposeB ? scene.normal(n, k) : scene.normal(k, n), scene.normal(n)), Op.Activation.GELU))));
            assertEquals(2, verification.rows().getFirst().results());
            verification.rows().forEach(row -> assertTrue(row.errors().relative() <= TOLERANCE, row.toString()));
        }
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
