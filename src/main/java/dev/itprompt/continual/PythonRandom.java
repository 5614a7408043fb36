package dev.itprompt.continual;

/**
 * The Mersenne Twister MT19937 as CPython's {@code random} module seeds and uses it, so that a class order is the one that
 * published Python code draws from the same seed. For nothing else: {@link dev.itprompt.RandomStreams} is the generator of
 * this project.
 *
 * <p>Not safe for use by several threads. Source: Matsumoto and Nishimura 1998.
 */
public final class PythonRandom {

    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    /** As {@code random.seed(seed)}; like there, a negative seed counts as its absolute value. */
    public PythonRandom(long seed) {
        long magnitude = Math.abs(seed);
        int high = (int) (magnitude >>> 32);
        seedByArray(high == 0 ? new int[] {(int) magnitude} : new int[] {(int) magnitude, high});
    }

    private void seedByArray(int[] key) {
        state[0] = 19650218;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
        int i = 1;
        for (int k = 0; k < N; k++) {
            int j = k % key.length;
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key[j] + j;
            i = wrap(i + 1);
        }
        for (int k = 0; k < N - 1; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
            i = wrap(i + 1);
        }
        state[0] = 0x80000000;
    }

    private int wrap(int i) {
        if (i < N) {
            return i;
        }
        state[0] = state[N - 1];
        return 1;
    }

    /** The next 32 random bits. */
    public int nextInt() {
        if (next == N) {
            twist();
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
            state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
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
        for (int i = values.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
