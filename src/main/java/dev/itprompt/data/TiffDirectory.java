package dev.itprompt.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Entries of the first directory of a TIFF file, all inside the file. Source of the layout: Adobe, TIFF 6.0, section 2.
 *
 * @param in      the whole file, in its byte order
 * @param entries by tag
 */
record TiffDirectory(ByteBuffer in, SortedMap<Integer, Entry> entries) {

    private static final int ENTRY = 12;

    /**
     * A list of numbers.
     *
     * @param size  bytes of a number
     * @param count how many there are, at least 1
     * @param raw   where the entry itself is
     * @param at    where its numbers are
     */
    record Entry(int size, int count, int raw, int at) { }

    /**
     * Reads a directory.
     *
     * @param known tags that are wanted; others are passed over
     * @throws EOFException if the file does not hold what an entry points to
     * @throws IOException  if an entry is empty, there twice or does not hold whole numbers
     */
    static TiffDirectory of(byte[] file, Set<Integer> known) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        in.position(inside(in, in.getInt(4), 2));
        SortedMap<Integer, Entry> entries = new TreeMap<>();
        for (int left = Short.toUnsignedInt(in.getShort()); left > 0; left--) {
            int raw = in.position();
            int tag = Short.toUnsignedInt(in.getShort(raw));
            if (known.contains(tag)) {
                int size = size(tag, Short.toUnsignedInt(in.getShort(raw + 2)));
                long count = Integer.toUnsignedLong(in.getInt(raw + 4));
                int at = count * size <= 4 ? raw + 8 : inside(in, in.getInt(raw + 8), count * size);
                if (count == 0 || entries.put(tag, new Entry(size, (int) count, raw, at)) != null) {
                    throw new IOException("tag " + tag + " is empty or there twice");
                }
            }
            in.position(raw + ENTRY);
        }
        return new TiffDirectory(in, entries);
    }

    private static int inside(ByteBuffer in, int unsigned, long bytes) throws EOFException {
        long at = Integer.toUnsignedLong(unsigned);
        if (at + bytes > in.limit()) {
            throw new EOFException();
        }
        return (int) at;
    }

    /** Bytes, also of no type, and 16-bit and 32-bit numbers without a sign. */
    private static int size(int tag, int type) throws IOException {
        return switch (type) {
            case 1, 7 -> 1;
            case 3 -> 2;
            case 4 -> 4;
            default -> throw new IOException("tag " + tag + " is of type " + type);
        };
    }

    boolean has(int tag) {
        return entries.containsKey(tag);
    }

    /** How many numbers a tag has; 0 if it is not there. */
    int count(int tag) {
        return has(tag) ? entries.get(tag).count : 0;
    }

    /** A number of a tag that is there. */
    long number(int tag, int index) {
        Entry entry = entries.get(tag);
        int at = entry.at + index * entry.size;
        return switch (entry.size) {
            case 1 -> Byte.toUnsignedLong(in.get(at));
            case 2 -> Short.toUnsignedLong(in.getShort(at));
            default -> Integer.toUnsignedLong(in.getInt(at));
        };
    }

    /** The first number of a tag, or what holds without it. */
    long number(int tag, long otherwise) {
        return has(tag) ? number(tag, 0) : otherwise;
    }

    /** All numbers of a tag; none if it is not there. */
    List<Long> numbers(int tag) {
        return IntStream.range(0, count(tag)).mapToObj(i -> number(tag, i)).toList();
    }

    /** The file with a directory of these entries and no further one. */
    byte[] bare() {
        int start = in.limit() + (in.limit() & 1);
        ByteBuffer out = ByteBuffer.allocate(start + 2 + ENTRY * entries.size() + 4).order(in.order());
        out.put(0, in, 0, in.limit()).putInt(4, start).position(start).putShort((short) entries.size());
        for (Entry entry : entries.values()) {
            out.put(out.position(), in, entry.raw, ENTRY).position(out.position() + ENTRY);
        }
        return out.array();
    }
}
