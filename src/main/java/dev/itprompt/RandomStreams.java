package dev.itprompt;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The random numbers of a run: one seed, and a generator of its own for every purpose. Streams are independent of each other
 * and of the order in which they are asked for, so that adding one consumer, a thread or a resumed run changes no other.
 *
 * @param seed of the run
 */
public record RandomStreams(long seed) implements Serializable {

    private static final String ALGORITHM = "L64X128MixRandom";

    /**
     * A new generator at the start of its stream.
     *
     * @param purpose what it is for, such as {@code "augment"}
     * @param indices further parts of the name, such as task, epoch and image
     */
    public RandomGenerator stream(String purpose, long... indices) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES * (1 + indices.length)).putLong(seed);
            for (long index : indices) {
                numbers.putLong(index);
            }
            digest.update(numbers.array());
            return RandomGeneratorFactory.of(ALGORITHM)
                    .create(digest.digest(purpose.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
