package dev.itprompt.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** A run of bytes that tensors are views of; read when it is first asked for. */
final class Storage {

    private final long bytes;
    private final long position;
    private Supplier<MemorySegment> source;
    private MemorySegment content;

    /**
     * @param bytes    its length
     * @param position offset in the file, -1 for what is not there as such (compressed, or part of a pickle)
     * @param source   gives the bytes and checks them; asked once
     */
    Storage(long bytes, long position, Supplier<MemorySegment> source) {
        this.bytes = bytes;
        this.position = position;
        this.source = source;
    }

    long bytes() {
        return bytes;
    }

    long position() {
        return position;
    }

    synchronized MemorySegment content() {
        if (content == null) {
            content = source.get();
            source = null;
        }
        return content;
    }
}
