package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.tornado.Product.Matrix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which part of a product tensor cores do. */
class ProductTest {

    private static final int A = 1000;
    private static final int D = 5000;
    private static final int C = 7000;

    @Test
    void whatFitsNoBandIsLeftToAnotherKernel() {
        List<Launch> launches = launches(69, 136, false);
        assertEquals(List.of(Kernel.MATMUL_TENSOR, Kernel.MATMUL_BLOCKED), launches.stream().map(Launch::kernel).toList());
        assertEquals(List.of(2, 3), launches.stream().map(Launch::groups).toList()); // 64 of 64 x 128, 5 of 64 x 64
        assertArrayEquals(new int[] {A, C, D, 64}, operands(launches.getFirst()));
        assertArrayEquals(new int[] {A + 64 * 3, C + 64 * 136, D + 64 * 136, 5}, operands(launches.getLast()));
    }

    @Test
    void rowsOfATransposedFactorAreItsColumns() {
        assertArrayEquals(new int[] {A + 16, C + 16 * 8, D + 16 * 8, 1}, operands(launches(17, 8, true).getLast()));
    }

    @Test
    void bandsAndPanelsNeedNoOtherKernel() {
        assertEquals(List.of(Kernel.MATMUL_TENSOR), launches(80, 8, false).stream().map(Launch::kernel).toList());
    }

    @Test
    void aProductWithoutAnythingAfterItIsOneLaunch() {
        Product product = new Product(Matrix.of(A, 3), false, Matrix.of(0, 136), false, Matrix.of(D, 136), 69, 136, 3, 1, 1);
        assertEquals(List.of(Kernel.MATMUL_TENSOR), product.byTensorCores(-1, -1, 0, 0, 0).stream().map(Launch::kernel).toList());
        assertEquals(List.of(Kernel.MATMUL_TENSOR, Kernel.MATMUL_BLOCKED),
                product.byTensorCores(-1, -1, Epilogues.GELU, 0, 0).stream().map(Launch::kernel).toList());
    }

    @Test
    void whatFitsNoPanelIsNotForTensorCores() {
        assertEquals(List.of(Kernel.MATMUL_BLOCKED), launches(80, 9, false).stream().map(Launch::kernel).toList());
        assertEquals(List.of(Kernel.MATMUL_BLOCKED), launches(15, 8, false).stream().map(Launch::kernel).toList());
    }

    @Test
    void aBatchIsOneLaunchIfItsMatricesHaveABandAndRoomForPanels() {
        Product scores = new Product(new Matrix(A, 3, 30, 3), false, Matrix.of(0, 3), true, new Matrix(D, 24, 480, 960), 20, 17, 3, 2, 4);
        assertFalse(scores.fitsTensorCores(false));
        assertTrue(scores.fitsTensorCores(true));
        assertEquals(2 * 4, scores.byTensorCores(1).groups());
        assertFalse(new Product(Matrix.of(A, 3), false, Matrix.of(0, 8), false, Matrix.of(D, 8), 15, 8, 3, 1, 1).fitsTensorCores(true));
    }

    /** 12608 rows are those of ViT-B/16 with 64 images; 99 x 6 wide tiles. */
    @Test
    void wideTilesAreForManyWholeOnes() {
        assertEquals(Kernel.MATMUL_BLOCKED_WIDE, blocks(12608, 768, 1).kernel());
        assertEquals(594, blocks(12608, 768, 1).groups());
        assertEquals(Kernel.MATMUL_BLOCKED, blocks(197, 768, 1).kernel()); // 12 wide tiles leave a GPU idle
        assertEquals(Kernel.MATMUL_BLOCKED, blocks(197, 64, 768).kernel()); // half of each would be beyond the edge
        assertEquals(4 * 768, blocks(197, 64, 768).groups());
    }

    /** One image of ViT-B/16 has 197 rows; the class token of one is a single row. */
    @Test
    void productsOfFewTilesAreComputedInParts() {
        assertEquals(4, Product.parts(197, 768, 768)); // 48 tiles, 192 groups
        assertEquals(4, Product.parts(197, 768, 3072));
        assertEquals(16, Product.parts(1, 768, 3072)); // 12 tiles, 192 groups
        assertEquals(1, Product.parts(197, 2304, 768)); // 144 tiles
        assertEquals(1, Product.parts(12608, 768, 3072));
        assertEquals(1, Product.parts(1, 10, 100)); // too short
        assertEquals(1, Product.parts(1, 10, 257)); // a prime number
        for (int k = 1; k < 3000; k += 37) {
            assertEquals(0, k % Product.parts(5, 64, k), "k " + k);
        }
    }

    @Test
    void partsAreABatchAndAreAddedUp() {
        Product product = new Product(Matrix.of(A, 197), true, Matrix.of(0, 768), true, Matrix.of(D, 768), 197, 768, 768, 1, 1);
        List<Launch> launches = product.inParts(50, C, Epilogues.GELU, D, 9000, 20_000);
        assertEquals(List.of(Kernel.MATMUL_BLOCKED, Kernel.SUM_PARTS), launches.stream().map(Launch::kernel).toList());
        assertEquals(4 * 48, launches.getFirst().groups());
        int[] table = launches.getFirst().table();
        assertArrayEquals(new int[] {192, 192 * 197, 192, 197 * 768, 4}, new int[] {table[8], table[14], table[15], table[16], table[20]});
        assertArrayEquals(new int[] {20_000, 50, C, D, 197 * 768, 4, 768, Epilogues.GELU, D, 9000}, launches.getLast().table());
    }

    private static Launch blocks(int m, int n, int batch) {
        return new Product(new Matrix(A, 3, 0, 0), false, Matrix.of(0, n), false, new Matrix(D, n, m * n, 0), m, n, 3, batch, 1)
                .byBlocks(1, -1, -1, 0, 0, 0);
    }

    private static List<Launch> launches(int m, int n, boolean transposeA) {
        return new Product(Matrix.of(A, transposeA ? m : 3), transposeA, Matrix.of(0, n), false, Matrix.of(D, n), m, n, 3, 1, 1)
                .byTensorCores(-1, C, 0, 0, 0);
    }

    /** Where a, c and d begin, and rows of d. */
    private static int[] operands(Launch launch) {
        return new int[] {launch.table()[0], launch.table()[3], launch.table()[4], launch.table()[6]};
    }
}
