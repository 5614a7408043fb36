package dev.itprompt.continual;

/**
 * The generator MT19937, which Python and NumPy seed and use in ways of their own. For nothing but their class orders: {@link
 * dev.itprompt.RandomStreams} is the generator of this project.
 *
 * <p>Not safe for use by several threads. Source: Matsumoto and Nishimura 1998.
 */
final class MersenneTwister {

    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    private MersenneTwister() { }

    /** As the authors' {@code init_genrand}. */
    static MersenneTwister ofSeed(int seed) {
        MersenneTwister twister = new MersenneTwister();
        twister.state[0] = seed;
        for (int i = 1; i < N; i++) {
            twister.state[i] = 1812433253 * (twister.state[i - 1] ^ (twister.state[i - 1] >>> 30)) + i;
        }
        return twister;
    }

    /** As the authors' {@code init_by_array}. */
    static MersenneTwister ofKey(int... key) {
        MersenneTwister twister = ofSeed(19650218);
        twister.mix(key);
        return twister;
    }

    private void mix(int[] key) {
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
    int nextInt() {
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

    /** Chooses a whole number from 0 to a bound. */
    @FunctionalInterface
    interface Choice {
        /** @param bound one more than the largest */
        int below(int bound);
    }

    /** Exchanges each value, from the last to the second, with a chosen one that is not behind it. */
    static void shuffle(int[] values, Choice choice) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = choice.below(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
