package dev.itprompt.continual;

/**
 * The Mersenne Twister as NumPy's legacy generator ({@code numpy.random.seed}, {@code RandomState}) seeds and uses it, so that a class
 * order is the one that PILOT and its kin draw, mostly from seed 1993.
 */
public final class NumpyRandom {

    private final MersenneTwister twister;

    /** As {@code numpy.random.seed(seed)} for a seed of 0 to 2^32-1. */
    public NumpyRandom(long seed) {
        if (seed < 0 || seed >>> 32 != 0) {
            throw new IllegalArgumentException("a seed of 32 bits is needed, got " + seed);
        }
        twister = MersenneTwister.ofSeed((int) seed);
    }

    /** A whole number from 0 to {@code bound - 1}: masked bits of the next output that are small enough. */
    public int below(int bound) {
        int mask = bound < 2 ? 0 : -1 >>> Integer.numberOfLeadingZeros(bound - 1);
        if (mask == 0) {
            return 0;
        }
        int value = twister.nextInt() & mask;
        while (value >= bound) {
            value = twister.nextInt() & mask;
        }
        return value;
    }

    /** As {@code numpy.random.permutation(size)}. */
    public int[] permutation(int size) {
        int[] values = new int[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        MersenneTwister.shuffle(values, this::below);
        return values;
    }
}
