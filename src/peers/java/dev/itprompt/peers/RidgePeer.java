package dev.itprompt.peers;

import dev.itprompt.linear.Matrix;
import dev.itprompt.method.ridge.LabeledRows;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeChoice;
import dev.itprompt.method.ridge.RidgeRegression;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * RanPAC's arithmetic on features from a file, timed: random features, Gram matrix, choice of the ridge, weights. {@code
 * ridge.py} beside it writes the files, does the same with NumPy, and compares.
 */
final class RidgePeer {

    private RidgePeer() {}

    /** @param arguments folder with {@code features} and {@code layer} in float32; rows, width, random features, classes */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int rows = Integer.parseInt(arguments[1]);
        int width = Integer.parseInt(arguments[2]);
        int size = Integer.parseInt(arguments[3]);
        int classes = Integer.parseInt(arguments[4]);
        float[][] features = read(folder.resolve("features"), rows, width);
        PrimitiveIterator.OfDouble numbers = Arrays.stream(read(folder.resolve("layer"), width, size))
                .flatMapToDouble(row -> IntStream.range(0, row.length).mapToDouble(j -> row[j])).iterator();
        RandomFeatures map = RandomFeatures.draw(width, size, numbers::nextDouble, RandomFeatures::relu);
        int[] labels = new int[rows];
        Arrays.setAll(labels, i -> (int) ((long) i * classes / rows));
        RidgeRegression sums = new RidgeRegression(size);
        long start = System.nanoTime();
        double ridge = RidgeChoice.learn(sums, map, new LabeledRows(features, labels), 1);
        long chosen = System.nanoTime();
        Matrix weights = sums.weights(ridge, 0).orElseThrow();
        long end = System.nanoTime();
        System.out.printf(Locale.ROOT, "%.2f %.2f %g\n", (chosen - start) / 1e9, (end - chosen) / 1e9, ridge);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(folder.resolve("weights"))))) {
            for (int i = 0; i < size; i++) {
                for (int c = 0; c < classes; c++) {
                    out.writeDouble(weights.get(i, c));
                }
            }
        }
    }

    private static float[][] read(Path file, int rows, int columns) throws IOException {
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            float[][] result = new float[rows][columns];
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT, 4L * i * columns, result[i], 0, columns);
            }
            return result;
        }
    }
}
