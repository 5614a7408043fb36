package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import java.util.Locale;

/**
 * What a compiled graph needs on a device, known before anything is allocated.
 *
 * @param buffers     lifetimes and bytes, as the device runs the graph
 * @param packedBytes copies of frozen matrices in the device's own layout, beside the originals
 */
public record MemoryPlan(BufferPlan buffers, long packedBytes) {

    /** What Java itself needs, about: heap, compiled code, compilers, and the scratch memory of kernels; see {@code itprompt bench}. */
    public static final long JAVA_BYTES = 240L << 20;

    /** What the graph needs, without Java itself. */
    public long totalBytes() {
        return buffers.totalBytes() + packedBytes;
    }

    /** A table of bytes per kind of buffer, one kind a line. */
    public String describe() {
        return buffers.describe() + String.format(Locale.ROOT, """
                packed      %,14d bytes  frozen matrices as kernels read them, once per device
                java        %,14d bytes  about, for Java itself
                together    %,14d bytes
                """, packedBytes, JAVA_BYTES, totalBytes() + JAVA_BYTES);
    }
}
