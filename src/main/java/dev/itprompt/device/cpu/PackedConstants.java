package dev.itprompt.device.cpu;

import dev.itprompt.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** Frozen matrices in panels, packed once per device and orientation and shared by all executables of the device. */
final class PackedConstants implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final Map<Tensor, Map<Boolean, Long>> panels = new IdentityHashMap<>();

    /**
     * @param b          a matrix that never changes
     * @param transposed whether it lies in memory as [n, depth]
     * @return address of the panels
     */
    long panels(Workers workers, Tensor b, boolean transposed) {
        return panels.computeIfAbsent(b, _ -> new HashMap<>()).computeIfAbsent(transposed, _ -> {
            int depth = b.shape().dim(transposed ? 1 : 0);
            int n = b.shape().dim(transposed ? 0 : 1);
            long address = arena.allocate(Gemm.packedBytes(depth, n), Tensor.ALIGNMENT).address();
            Gemm.pack(workers, b.data().address(), transposed, depth, n, address);
            return address;
        });
    }

    /** How many packed matrices there are. */
    int size() {
        return panels.values().stream().mapToInt(Map::size).sum();
    }

    @Override
    public void close() {
        arena.close();
    }
}
