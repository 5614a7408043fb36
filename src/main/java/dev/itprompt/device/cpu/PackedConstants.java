package dev.itprompt.device.cpu;

import dev.itprompt.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** Frozen matrices in panels: packed once per orientation, shared by all executables that read them, freed with the last of these. */
final class PackedConstants {

    private final Map<Tensor, Map<Boolean, Panels>> panels = new IdentityHashMap<>();

    /** One packed matrix, and how often it has been asked for by executables that still live. */
    private static final class Panels {

        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private int readers;

        Panels(long bytes) {
            memory = arena.allocate(bytes, Tensor.ALIGNMENT);
        }
    }

    /**
     * @param b          a matrix that never changes
     * @param transposed whether it lies in memory as [n, depth]
     * @param reader     lives as long as the panels are read
     * @return address of the panels
     */
    long panels(Workers workers, Tensor b, boolean transposed, Arena reader) {
        Panels packed = panels.computeIfAbsent(b, _ -> new HashMap<>()).computeIfAbsent(transposed, _ -> pack(workers, b, transposed));
        packed.readers++;
        packed.memory.reinterpret(reader, _ -> release(b, transposed)); // called when the reader is closed
        return packed.memory.address();
    }

    private static Panels pack(Workers workers, Tensor b, boolean transposed) {
        int depth = b.shape().dim(transposed ? 1 : 0);
        int n = b.shape().dim(transposed ? 0 : 1);
        Panels packed = new Panels(Gemm.packedBytes(depth, n));
        Gemm.pack(workers, b.data().address(), transposed, depth, n, packed.memory.address());
        return packed;
    }

    private void release(Tensor b, boolean transposed) {
        Map<Boolean, Panels> orientations = panels.get(b);
        Panels packed = orientations.get(transposed);
        if (--packed.readers == 0) {
            packed.arena.close();
            orientations.remove(transposed);
            if (orientations.isEmpty()) {
                panels.remove(b);
            }
        }
    }

    /** How many packed matrices there are. */
    int size() {
        return panels.values().stream().mapToInt(Map::size).sum();
    }
}
