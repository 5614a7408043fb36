package dev.itprompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

    @Test
    void theSameNameGivesTheSameNumbersAndEveryOtherNameOthers() {
        RandomStreams streams = new RandomStreams(7);
        assertEquals(streams.stream("augment", 1, 2).nextLong(), streams.stream("augment", 1, 2).nextLong());
        Set<Long> first = new HashSet<>();
        for (long seed : List.of(0L, 1L, -1L)) {
            for (String purpose : List.of("data", "init")) {
                for (long index = 0; index < 100; index++) {
                    first.add(new RandomStreams(seed).stream(purpose, index).nextLong());
                }
                first.add(new RandomStreams(seed).stream(purpose).nextLong());
            }
        }
        assertEquals(3 * 2 * 101, first.size());
        assertNotEquals(streams.stream("a", 1, 2).nextLong(), streams.stream("a", 2, 1).nextLong());
    }
}
