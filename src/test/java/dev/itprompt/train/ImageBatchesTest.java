package dev.itprompt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageBatchesTest {

    private static final int IMAGES = 10;
    private static final int PIXELS = 3;
    private static final RandomStreams STREAMS = new RandomStreams(5);

    /** Images whose pixels are their number and a random one; one of them cannot be read. */
    private record Numbered(int broken) implements TaskImages {
        @Override
        public int size() {
            return IMAGES;
        }

        @Override
        public int label(int index) {
            return index % 2;
        }

        @Override
        public int identity(int index) {
            return index;
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            if (index == broken) {
                throw new InputException("image " + index + ": cannot be read");
            }
            Arrays.fill(target, offset, offset + PIXELS, index + (random == null ? 0 : random.nextFloat()));
        }
    }

    private static ImageBatches batches(int broken, ImageBatches.Chance chance) {
        return new ImageBatches(new Numbered(broken), PIXELS, 6, new Orders(IMAGES, 4, pass -> STREAMS.stream("order", pass)), chance);
    }

    /** Copies, since pixels are memory that is used again. */
    private static ImageBatches.Batch[] all(ImageBatches batches, long first) {
        return IntStream.range((int) first, 6).mapToObj(batches::get)
                .map(batch -> new ImageBatches.Batch(batch.chosen(), batch.pixels().clone(), batch.labels())).toArray(ImageBatches.Batch[]::new);
    }

    @Test
    void aBatchDependsOnItsNumberAlone() throws Exception {
        ImageBatches.Chance chance = (step, position) -> STREAMS.stream("augment", step, position);
        ImageBatches.Batch[] expected = all(batches(-1, chance), 0);
        ImageBatches.Batch[] resumed = all(batches(-1, chance), 3);
        try (ForkJoinPool one = new ForkJoinPool(1)) {
            ImageBatches.Batch[] alone = one.submit(() -> all(batches(-1, chance), 0)).get();
            for (int i = 0; i < 6; i++) {
                assertArrayEquals(expected[i].pixels(), alone[i].pixels());
                assertArrayEquals(expected[i].labels(), alone[i].labels());
            }
        }
        for (int i = 3; i < 6; i++) {
            assertArrayEquals(expected[i].pixels(), resumed[i - 3].pixels());
        }
    }

    /** A pass shows whole batches of different images, the next in another order. */
    @Test
    void passesAreShuffled() {
        ImageBatches.Batch[] batches = all(batches(-1, ImageBatches.Chance.NONE), 0);
        for (int pass = 0; pass < 3; pass++) {
            int[] both = IntStream.concat(IntStream.of(batches[2 * pass].chosen()), IntStream.of(batches[2 * pass + 1].chosen())).toArray();
            assertEquals(8, IntStream.of(both).distinct().count());
        }
        assertTrue(!Arrays.equals(batches[0].chosen(), batches[2].chosen()) || !Arrays.equals(batches[2].chosen(), batches[4].chosen()));
        assertArrayEquals(new float[] {batches[0].chosen()[1], batches[0].chosen()[1], batches[0].chosen()[1]},
                Arrays.copyOfRange(batches[0].pixels(), PIXELS, 2 * PIXELS));
        assertEquals(batches[0].chosen()[3] % 2, batches[0].labels()[3]);
    }

    @Test
    void whatCannotBeReadIsSaidWhereItIsNeeded() {
        ImageBatches batches = batches(7, ImageBatches.Chance.NONE);
        InputException e = assertThrows(InputException.class, () -> all(batches, 0));
        assertEquals("image 7: cannot be read", e.getMessage());
    }
}
