package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The heap that all graphs share. */
class TornadoDeviceTest {

    /** More than the heap holds at first: 64 MiB. */
    private static final int LARGE = 1 << 24;

    @Test
    void theHeapGrowsAndKeepsWhatIsInIt() {
        Graph small = new Graph();
        Node weights = small.variable("w", Tensor.of(Shape.of(3), 1, 2, 3));
        Node sum = small.add(weights, small.constant(Tensor.of(Shape.of(3), 10, 20, 30)));
        Graph large = new Graph();
        Node x = large.input("x", Shape.of(LARGE));
        Node y = large.exp(x);
        try (Device device = TestedDevice.open(); Executable before = device.compile(small, List.of(sum))) {
            before.run();
            try (Executable executable = device.compile(large, List.of(y))) {
                executable.write(x, new float[LARGE]);
                executable.run();
                Tensor ones = executable.read(y);
                for (int i : new int[] {0, 1, LARGE / 2, LARGE - 1}) {
                    assertEquals(1, ones.get(i), "element " + i);
                }
                before.run();
                assertArrayEquals(new float[] {11, 22, 33}, before.read(sum).toArray());
                assertArrayEquals(new float[] {1, 2, 3}, before.read(weights).toArray());
            }
        }
    }

    @Test
    void whatNoHeapCanHoldIsRefusedInOneLine() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(1 << 29));
        List<Node> results = List.of(g.exp(x), g.exp(x), g.exp(x), g.exp(x));
        try (Device device = TestedDevice.open()) {
            var error = assertThrows(TornadoException.class, () -> device.compile(g, results));
            assertTrue(error.getMessage().matches("tornado:.*: needs a heap of [\\d,]+ MiB, more than the [\\d,]+ MiB that one array can"
                    + " hold here; use a smaller batch"), error.getMessage());
        }
    }

    @Test
    void theHeapIsNoLargerThanTheDeviceAllocates() {
        assertEquals(Integer.MAX_VALUE - 63, TornadoDevice.mostFloats(1L << 36));
        assertEquals((1 << 28) - 16, TornadoDevice.mostFloats(1L << 30));
    }
}
