package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.RandomStreams;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class AugmentTest {

    @Test
    void regionsHaveTheWantedAreaAndShape() {
        RandomGenerator random = new RandomStreams(3).stream("test");
        int small = 0;
        int large = 0;
        int left = 0;
        for (int i = 0; i < 2000; i++) {
            Region region = Augment.region(300, 200, 0.08, 1, random);
            assertTrue(region.left() >= 0 && region.top() >= 0 && region.left() + region.width() <= 300
                    && region.top() + region.height() <= 200, region::toString);
            double area = region.width() * region.height() / 60000.0;
            double aspect = (double) region.width() / region.height();
            assertTrue(area > 0.078 && area < 1.01 && aspect > 0.73 && aspect < 1.36, region::toString);
            small += area < 0.3 ? 1 : 0;
            large += area > 0.6 ? 1 : 0;
            left += region.left();
        }
        assertTrue(small > 300 && large > 300, small + " small and " + large + " large of 2000");
        assertTrue(left > 0);
    }

    @Test
    void anImpossibleShapeFallsBackToTheMiddle() {
        RandomGenerator random = new RandomStreams(3).stream("test");
        assertEquals(new Region(448, 0, 4, 3), Augment.region(900, 3, 1, 1, random));
        assertEquals(new Region(0, 448, 3, 4), Augment.region(3, 900, 1, 1, random));
        assertEquals(new Region(0, 0, 1, 1), Augment.region(1, 1, 0.0001, 0.0001, random));
    }

    @Test
    void theSameStreamGivesTheSameImage() {
        byte[] rgb = new byte[3 * 40 * 30];
        new RandomStreams(1).stream("pixels").nextBytes(rgb);
        RgbImage image = new RgbImage(40, 30, rgb);
        RgbImage first = augmented(image, 5);
        assertEquals(32, first.width());
        assertEquals(32, first.height());
        assertArrayEquals(first.rgb(), augmented(image, 5).rgb());
        assertTrue(!java.util.Arrays.equals(first.rgb(), augmented(image, 6).rgb()));
    }

    private static RgbImage augmented(RgbImage image, long index) {
        RandomGenerator random = new RandomStreams(9).stream("augment", index);
        return Augment.randomFlip(Augment.randomResizedCrop(image, 32, 0.08, 1, ImageResize.Filter.BICUBIC, random), random);
    }

    @Test
    void flippingMirrorsRowsAndHappensHalfTheTime() {
        RgbImage image = new RgbImage(2, 2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        assertArrayEquals(new byte[] {4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9}, image.flipped().rgb());
        RandomGenerator random = new RandomStreams(4).stream("flip");
        int flips = 0;
        for (int i = 0; i < 1000; i++) {
            flips += Augment.randomFlip(image, random) == image ? 0 : 1;
        }
        assertEquals(500, flips, 60);
    }
}
