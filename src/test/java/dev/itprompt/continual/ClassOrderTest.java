package dev.itprompt.continual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassOrderTest {

    @Test
    void generatorGivesPythonsOutputs() {
        assertOutputs(1, 577090037L, 2444712010L, 3639700191L, 3445702192L);
        assertOutputs(0, 3626764237L, 1654615998L, 3255389356L, 3823568514L);
    }

    private static void assertOutputs(long seed, long... expected) {
        PythonRandom random = new PythonRandom(seed);
        for (long value : expected) {
            assertEquals(value, Integer.toUnsignedLong(random.nextInt()), "seed " + seed);
        }
    }

    @Test
    void seedsBeyond32BitsUseTwoWordsAndSignIsDropped() {
        // random.seed(2**40 + 5); random.getrandbits(32) and random.seed(-1)
        assertOutputs((1L << 40) + 5, 2166296868L, 2220160828L);
        assertOutputs(-1, 577090037L);
    }

    @Test
    void shuffleIsPythons() {
        int[] values = IntStream.range(0, 10).toArray();
        new PythonRandom(1).shuffle(values);
        assertArrayEquals(new int[] {6, 8, 9, 7, 5, 3, 0, 4, 1, 2}, values);
    }

    @Test
    void seedZeroIsTheNaturalOrder() {
        assertEquals(List.of(0, 1, 2, 3, 4), ClassOrder.of(5, 0));
    }

    @Test
    void publishedOrders() {
        assertOrder(100, 1, "53 37 65 51 4 20 38 9 10 81", "97 72 17");
        assertOrder(100, 2, "0 76 61 63 1 71 2 6 16 19", "10 11 7");
        assertOrder(100, 3, "35 41 45 4 76 12 0 64 42 11", "69 75 30");
        assertOrder(100, 4, "73 86 82 23 1 42 57 40 76 69", "13 38 30");
        assertOrder(200, 1, "33 146 79 19 23 131", "");
        assertOrder(200, 2, "51 94 55 35 170 177", "");
        assertOrder(200, 3, "158 62 14 69 47 137", "");
        assertOrder(200, 4, "136 126 189 51 145 98", "");
        assertOrder(200, 12, "82 134 185 178 11 118", "");
        assertOrder(200, 24, "61 0 22 157 145 117", "");
        assertOrder(200, 36, "8 51 11 137 50 169", "");
        assertOrder(200, 48, "71 66 10 121 103 191", "");
    }

    private static void assertOrder(int classes, long seed, String head, String tail) {
        List<Integer> order = ClassOrder.of(classes, seed);
        List<Integer> first = numbers(head);
        List<Integer> last = numbers(tail);
        assertEquals(first, order.subList(0, first.size()), classes + " classes, seed " + seed);
        assertEquals(last, order.subList(classes - last.size(), classes), classes + " classes, seed " + seed);
        assertEquals(classes, order.stream().distinct().count());
    }

    private static List<Integer> numbers(String text) {
        return Stream.of(text).flatMap(t -> Arrays.stream(t.split(" "))).filter(t -> !t.isEmpty()).map(Integer::valueOf).toList();
    }

    /** Orders that Python and NumPy themselves drew: seeds 0 to 10 and 1993, for 10, 100 and 200 classes. */
    @Test
    void ordersArePythonsAndNumpys() throws IOException {
        int lines = 0;
        try (InputStream in = ClassOrderTest.class.getResourceAsStream("class-orders.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
                String[] words = line.split(" ");
                long seed = Long.parseLong(words[1]);
                List<Integer> expected = Arrays.stream(words).skip(2).map(Integer::valueOf).toList();
                if (words[0].equals("numpy")) {
                    assertEquals(expected, ClassOrder.numpy(expected.size(), seed), line);
                } else {
                    int[] shuffled = IntStream.range(0, expected.size()).toArray();
                    new PythonRandom(seed).shuffle(shuffled);
                    assertEquals(expected, IntStream.of(shuffled).boxed().toList(), line);
                }
                lines++;
            }
        }
        assertEquals(72, lines);
        assertEquals(List.of(0), ClassOrder.numpy(1, 5));
        assertThrows(IllegalArgumentException.class, () -> ClassOrder.numpy(3, 1L << 32));
    }

    @Test
    void orderOfAFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("order.txt");
        List<String> names = List.of("cat", "great dane", "2");
        Files.writeString(file, "# mine\n\ngreat dane\r\n 2 \n0");
        assertEquals(List.of(1, 2, 0), ClassOrder.read(file, names));
        for (String[] bad : new String[][] {{"cat\ndog\n2", "line 2, found 'dog'"}, {"cat\ncat\n2", "3 lines with 2 different"},
            {"cat", "1 lines"}, {"7\n1\n2", "line 1, found '7'"}, {"", "0 lines"}}) {
            Files.writeString(file, bad[0]);
            InputException e = assertThrows(InputException.class, () -> ClassOrder.read(file, names));
            assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().contains(bad[1]), e.getMessage());
        }
    }
}
