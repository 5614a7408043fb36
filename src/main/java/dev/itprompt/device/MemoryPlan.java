package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import java.util.Locale;

/**
 * What a compiled graph needs on a device, known before anything is allocated.
 *
 * @param buffers     lifetimes and bytes, as the device runs the graph
 * @param packedBytes copies of frozen matrices in the device's own layout, beside the originals
 * @param partBytes   what adds the parts of a batch and moves parameters, where that is apart from the graph; else 0
 */
public record MemoryPlan(BufferPlan buffers, long packedBytes, long partBytes) {

    /** What Java itself needs, about: heap, compiled code, compilers, and the scratch memory of kernels; see {@code itprompt bench}. */
    public static final long JAVA_BYTES = 240L << 20;

    /** Where nothing is apart from the graph. */
    public MemoryPlan(BufferPlan buffers, long packedBytes) {
        this(buffers, packedBytes, 0);
    }

    /** The same where a batch is cut into parts. */
    public MemoryPlan and(long partBytes) {
        return new MemoryPlan(buffers, packedBytes, partBytes);
    }

    /** What the graph needs, without Java itself. */
    public long totalBytes() {
        return buffers.totalBytes() + packedBytes + partBytes;
    }

    /** A table of bytes per kind of buffer, one kind a line. */
    public String describe() {
        return buffers.describe() + String.format(Locale.ROOT, """
                packed      %,14d bytes  frozen matrices as kernels read them, once per device
                %sjava        %,14d bytes  about, for Java itself
                together    %,14d bytes
                """, packedBytes, partBytes == 0 ? "" : String.format(Locale.ROOT, "parts       %,14d bytes  sums over the parts of a batch, and the step "
                + "that follows; all above is of one part\n", partBytes), JAVA_BYTES, totalBytes() + JAVA_BYTES);
    }
}
