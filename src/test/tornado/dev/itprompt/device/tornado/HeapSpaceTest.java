package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** A heap that has grown to what was needed has room for it. */
class HeapSpaceTest {

    @Test
    void theCapacityNeededIsEnoughAndNoMore() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            HeapSpace space = new HeapSpace(0);
            for (int range = 0; range < 10; range++) {
                int size = 1 + random.nextInt(100);
                long needed = space.needed(size);
                space.extend(needed - 1);
                assertEquals(-1, space.take(size), "seed " + seed);
                space.extend(needed);
                int at = space.take(size);
                assertTrue(at >= 0, "seed " + seed);
                assertEquals(0, (16 + 4L * at) % 128, "seed " + seed);
                assertEquals(needed, space.used(), "seed " + seed);
            }
        }
    }

    @Test
    void rangesOfAlignedSizesTakeNoMoreThanTheirSum() {
        HeapSpace space = new HeapSpace(0);
        space.extend(space.needed(HeapSpace.aligned(5) + HeapSpace.aligned(70) + 9));
        assertTrue(space.take(5) >= 0 && space.take(70) >= 0 && space.take(9) >= 0);
    }
}
