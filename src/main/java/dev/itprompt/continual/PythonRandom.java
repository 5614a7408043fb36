package dev.itprompt.continual;

/**
 * The Mersenne Twister as CPython's {@code random} module seeds and uses it, so that a class order is the one that published Python
 * code draws from the same seed.
 */
public final class PythonRandom {

    private final MersenneTwister twister;

    /** As {@code random.seed(seed)}; like there, a negative seed counts as its absolute value. */
    public PythonRandom(long seed) {
        long magnitude = Math.abs(seed);
        int high = (int) (magnitude >>> 32);
        twister = high == 0 ? MersenneTwister.ofKey((int) magnitude) : MersenneTwister.ofKey((int) magnitude, high);
    }

    /** The next 32 random bits. */
    public int nextInt() {
        return twister.nextInt();
    }

    /** A whole number from 0 to {@code bound - 1}, as {@code random.randrange(bound)} for a positive bound. */
    public int below(int bound) {
        int unused = Integer.numberOfLeadingZeros(bound);
        int value = nextInt() >>> unused;
        while (value >= bound) {
            value = nextInt() >>> unused;
        }
        return value;
    }

    /** As {@code random.shuffle(values)}. */
    public void shuffle(int[] values) {
        MersenneTwister.shuffle(values, this::below);
    }
}
