package dev.itprompt.device.cpu;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The multiply-add peak of the processor, measured: vectors that never leave the registers, in as many independent chains as
 * hide the latency of two units.
 */
final class FmaPeak {

    private static final int CHAINS = 12;
    private static final int STEPS = 5_000;
    private static final long NANOSECONDS = 20_000_000;
    private static final VectorSpecies<Float> S = Lanes.SPECIES;

    private FmaPeak() {}

    /** Floating-point operations per second of so many threads together; takes about 20 ms once the loop is compiled. */
    static double measure(int threads) {
        double[] rates = new double[threads];
        List<Thread> others = IntStream.range(1, threads).mapToObj(i -> Thread.ofPlatform().start(() -> rates[i] = measure()))
                .toList();
        rates[0] = measure();
        try {
            for (Thread other : others) {
                other.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Arrays.stream(rates).sum();
    }

    private static double measure() {
        long start = System.nanoTime();
        long elapsed = 0;
        long rounds = 0;
        float sink = 0;
        for (; elapsed < NANOSECONDS; elapsed = System.nanoTime() - start) {
            sink += chains(STEPS, 1e-3f);
            rounds++;
        }
        if (Float.isNaN(sink)) {
            throw new ArithmeticException("sums of small products are numbers");
        }
        return 2.0 * rounds * STEPS * CHAINS * Lanes.COUNT / elapsed * 1e9;
    }

    /** Every chain starts from another value: the compiler would merge equal ones. */
    private static float chains(int steps, float x) {
        FloatVector f = FloatVector.broadcast(S, 0.5f);
        FloatVector y = FloatVector.broadcast(S, x);
        FloatVector a = FloatVector.broadcast(S, x);
        FloatVector b = FloatVector.broadcast(S, 2 * x);
        FloatVector c = FloatVector.broadcast(S, 3 * x);
        FloatVector d = FloatVector.broadcast(S, 4 * x);
        FloatVector e = FloatVector.broadcast(S, 5 * x);
        FloatVector g = FloatVector.broadcast(S, 6 * x);
        FloatVector h = FloatVector.broadcast(S, 7 * x);
        FloatVector i = FloatVector.broadcast(S, 8 * x);
        FloatVector j = FloatVector.broadcast(S, 9 * x);
        FloatVector k = FloatVector.broadcast(S, 10 * x);
        FloatVector l = FloatVector.broadcast(S, 11 * x);
        FloatVector m = FloatVector.broadcast(S, 12 * x);
        for (int n = 0; n < steps; n++) {
            a = Lanes.fma(f, y, a);
            b = Lanes.fma(f, y, b);
            c = Lanes.fma(f, y, c);
            d = Lanes.fma(f, y, d);
            e = Lanes.fma(f, y, e);
            g = Lanes.fma(f, y, g);
            h = Lanes.fma(f, y, h);
            i = Lanes.fma(f, y, i);
            j = Lanes.fma(f, y, j);
            k = Lanes.fma(f, y, k);
            l = Lanes.fma(f, y, l);
            m = Lanes.fma(f, y, m);
        }
        FloatVector sum = a.add(b).add(c).add(d).add(e).add(g).add(h).add(i).add(j).add(k).add(l).add(m);
        return Lanes.sum(sum);
    }
}
