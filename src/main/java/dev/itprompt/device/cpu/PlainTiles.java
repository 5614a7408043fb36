package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of any shape for processors without fused multiply-adds: one accumulator at a time, products and sums rounded
 * each. See {@link Tiles}.
 */
final class PlainTiles {

    private PlainTiles() {}

    /** {@code c = init + a·b}, {@link Tiles#ROWS} x {@link Tiles#WIDTH}; element (i, k) of a is at {@code a + i·aRow + k·aStep}. */
    static void tile(long a, long aRow, long aStep, long b, int depth, long init, long initRow, long c, long cRow) {
        for (int i = 0; i < Tiles.ROWS; i++) {
            for (int j = 0; j < Tiles.WIDTH; j += Lanes.COUNT) {
                FloatVector sum = Lanes.load(init + i * initRow + 4L * j);
                for (int k = 0; k < depth; k++) {
                    FloatVector x = Lanes.broadcast(Lanes.get(a + i * aRow + k * aStep));
                    sum = Lanes.fma(x, Lanes.load(b + (long) k * Tiles.PANEL + 4L * j), sum);
                }
                Lanes.store(sum, c + i * cRow + 4L * j);
            }
        }
    }
}
