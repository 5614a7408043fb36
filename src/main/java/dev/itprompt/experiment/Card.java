package dev.itprompt.experiment;

import dev.itprompt.graph.Work;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * GPUs and what their makers say they can do: the time that work takes at least, whatever its kernels. Peaks are those of fp32 without
 * tensor cores and of the memory, from NVIDIA's data sheets of the SXM modules (the RTX 4090's from the Ada architecture's paper).
 */
public enum Card {
    H200(66.9e12, 4.8e12), H100(66.9e12, 3.35e12), A100(19.5e12, 2.039e12), RTX4090(82.6e12, 1.008e12);

    private final double flops;
    private final double bytes;

    /**
     * @param flops floating-point operations a second, a multiply-add as two
     * @param bytes read and written a second
     */
    Card(double flops, double bytes) {
        this.flops = flops;
        this.bytes = bytes;
    }

    /** The card of a name in any case. */
    public static Optional<Card> of(String name) {
        return Stream.of(values()).filter(card -> card.name().equals(name.toUpperCase(Locale.ROOT))).findFirst();
    }

    /** Seconds of one op at least: of its operations or of what it reads and writes, whichever take longer (the roofline model). */
    public double seconds(Work work) {
        return Math.max(work.flops() / flops, work.bytes() / bytes);
    }
}
