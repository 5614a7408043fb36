package dev.itprompt.checkpoint;

import dev.itprompt.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The members of a zip file that is mapped into memory: PyTorch's checkpoints, TorchScript and NumPy archives. Opening reads
 * only the directory at the file's end. Members stored without compression are views of the mapping, others are inflated.
 *
 * <p>Nothing is trusted: names, duplicates, overlaps and sizes are checked when the archive is opened, a member's own header
 * and its CRC when it is read, and all compressed members together may not expand to more than {@value #MAX_EXPANSION} times the
 * file (at least {@value #MIN_EXPANDED} bytes).
 *
 * <p>Source: PKWARE's APPNOTE.TXT 6.3.10, with its 64-bit extensions; one disk, no encryption.
 */
final class ZipArchive {

    private static final int MAX_EXPANSION = 16;
    private static final long MIN_EXPANDED = 16 << 20;

    private static final long END = 0x06054b50L;
    private static final long END_64 = 0x06064b50L;
    private static final long LOCATOR_64 = 0x07064b50L;
    private static final long DIRECTORY_ENTRY = 0x02014b50L;
    private static final long LOCAL_HEADER = 0x04034b50L;
    private static final int END_BYTES = 22;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int EXTRA_64 = 1;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final long MAX_32 = 0xFFFFFFFFL;

    private final MappedFile file;
    private final LinkedHashMap<String, Member> members = new LinkedHashMap<>();
    /** Where members and the directory begin. */
    private final TreeSet<Long> bounds = new TreeSet<>();

    /**
     * One member.
     *
     * @param name       its path
     * @param method     0 stored, 8 deflated
     * @param crc        of the expanded bytes
     * @param compressed bytes in the file
     * @param size       bytes when expanded
     * @param header     offset of its own header in the file
     */
    record Member(String name, int method, long crc, long compressed, long size, long header) {}

    private ZipArchive(MappedFile file) {
        this.file = file;
    }

    /** @throws CheckpointException if the directory is not as it has to be; says where */
    static ZipArchive open(MappedFile file) {
        ZipArchive archive = new ZipArchive(file);
        archive.checkLayout(archive.readDirectory());
        return archive;
    }

    Collection<Member> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    /** The member of that name, or null. */
    Member find(String name) {
        return members.get(name);
    }

    // ---- the directory ------------------------------------------------------------------------------------------

    private record Directory(long offset, long bytes, long entries) {}

    /** Returns where the directory begins. */
    private long readDirectory() {
        long end = findEnd();
        Directory directory = directory(end);
        long limit = end;
        if (directory.offset < 0 || directory.bytes < 0 || directory.bytes > limit || directory.offset > limit - directory.bytes) {
            throw bad(end, "a directory within the file", "offset " + Long.toUnsignedString(directory.offset) + ", "
                    + Long.toUnsignedString(directory.bytes) + " bytes");
        }
        long at = directory.offset;
        long stop = directory.offset + directory.bytes;
        for (long i = 0; i < directory.entries; i++) {
            at = readEntry(at, stop);
        }
        if (at != stop || directory.entries < 0) {
            throw bad(directory.offset, Long.toUnsignedString(directory.entries) + " members in " + directory.bytes + " bytes",
                    (at - directory.offset) + " bytes used");
        }
        return directory.offset;
    }

    /** The last record of the file, whose comment ends with the file. */
    private long findEnd() {
        long last = file.size() - END_BYTES;
        for (long at = last; at >= 0 && at >= last - 0xFFFF; at--) {
            if (file.unsignedInt(at) == END && at + END_BYTES + file.unsignedShort(at + 20) == file.size()) {
                return at;
            }
        }
        throw bad(Math.max(0, last), "the end record of a zip file", "none");
    }

    private Directory directory(long end) {
        long entries = file.unsignedShort(end + 10);
        long bytes = file.unsignedInt(end + 12);
        long offset = file.unsignedInt(end + 16);
        if (entries != 0xFFFF && bytes != MAX_32 && offset != MAX_32) {
            if (file.unsignedShort(end + 4) != 0 || file.unsignedShort(end + 6) != 0) {
                throw bad(end + 4, "one disk", "several");
            }
            return new Directory(offset, bytes, entries);
        }
        long locator = end - 20;
        if (locator < 0 || file.unsignedInt(locator) != LOCATOR_64) {
            throw bad(Math.max(0, locator), "the locator of a 64-bit directory", "none");
        }
        long end64 = file.int64(locator + 8);
        if (end64 < 0 || end64 > locator - 56 || file.unsignedInt(end64) != END_64) {
            throw bad(locator + 8, "the end record of a 64-bit directory", "none at " + Long.toUnsignedString(end64));
        }
        return new Directory(file.int64(end64 + 48), file.int64(end64 + 40), file.int64(end64 + 32));
    }

    /** Reads one entry and returns where the next one begins. */
    private long readEntry(long at, long stop) {
        if (at > stop - ENTRY_BYTES || file.unsignedInt(at) != DIRECTORY_ENTRY) {
            throw bad(at, "a directory entry", "something else");
        }
        int nameBytes = file.unsignedShort(at + 28);
        int extraBytes = file.unsignedShort(at + 30);
        long next = at + ENTRY_BYTES + nameBytes + extraBytes + file.unsignedShort(at + 32);
        if (next > stop) {
            throw bad(at, "an entry within the directory", (next - stop) + " bytes more");
        }
        String name = name(at + ENTRY_BYTES, nameBytes);
        if ((file.unsignedShort(at + 8) & 1) != 0) {
            throw CheckpointException.unsupported(file.path(), at + 8, null, "a member '" + name + "' without encryption",
                    "an encrypted one", "decrypt the archive");
        }
        long[] sizes = {file.unsignedInt(at + 24), file.unsignedInt(at + 20), file.unsignedInt(at + 42)};
        widen(sizes, at + ENTRY_BYTES + nameBytes, extraBytes);
        Member member = new Member(name, file.unsignedShort(at + 10), file.unsignedInt(at + 16), sizes[1], sizes[0], sizes[2]);
        if (member.size < 0 || member.compressed < 0 || member.header < 0
                || (member.method == STORED && member.size != member.compressed)) {
            throw bad(at, "possible sizes of member '" + name + "'", member.compressed + " bytes for " + member.size);
        }
        if (members.put(name, member) != null) {
            throw bad(at, "members of different names", "'" + name + "' twice");
        }
        return next;
    }

    /** A path that would leave the folder it is unpacked to is a lie, whoever unpacks it. */
    private String name(long at, int bytes) {
        String name;
        try {
            name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file.bytes(at, bytes))).toString();
        } catch (CharacterCodingException e) {
            throw bad(at, "a member's name in UTF-8", "other bytes");
        }
        if (name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0
                || name.matches("(?s)[A-Za-z]:.*") || List.of(name.split("/", -1)).contains("..")) {
            throw bad(at, "a relative path as member's name", "'" + name + "'");
        }
        return name;
    }

    /** Replaces 32-bit fields that are full by those of the 64-bit extra field, which come in the same order. */
    private void widen(long[] sizes, long at, int bytes) {
        long stop = at + bytes;
        long field = at;
        while (field + 4 <= stop) {
            int kind = file.unsignedShort(field);
            long value = field + 4;
            long fieldStop = value + file.unsignedShort(field + 2);
            if (fieldStop > stop) {
                throw bad(field, "extra fields within their entry", (fieldStop - stop) + " bytes more");
            }
            for (int i = 0; kind == EXTRA_64 && i < sizes.length; i++) {
                if (sizes[i] == MAX_32) {
                    if (value + Long.BYTES > fieldStop) {
                        throw bad(field, "a 64-bit size", "the end of the field");
                    }
                    sizes[i] = file.int64(value);
                    value += Long.BYTES;
                }
            }
            field = fieldStop;
        }
    }

    /**
     * Members follow each other without overlap up to the directory, and what is compressed does not expand beyond measure.
     * How long their own headers are is only known when they are read.
     */
    private void checkLayout(long directory) {
        List<Member> sorted = new ArrayList<>(members.values());
        sorted.sort(Comparator.comparingLong(Member::header));
        long next = 0;
        long expanded = 0;
        for (Member member : sorted) {
            long least = LOCAL_BYTES + member.name.length();
            if (member.header < next || member.header > directory - least
                    || member.compressed > directory - least - member.header) {
                throw bad(member.header, "member '" + member.name + "' before the directory, apart from the others",
                        member.compressed + " bytes at " + member.header);
            }
            next = member.header + least + member.compressed;
            bounds.add(member.header);
            expanded += member.method == STORED ? 0 : Math.min(member.size, Long.MAX_VALUE / 2 - expanded);
        }
        bounds.add(directory);
        long limit = Math.max(MIN_EXPANDED, MAX_EXPANSION * file.size());
        if (expanded > limit) {
            throw bad(0, "compressed members that expand to at most " + limit + " bytes", expanded + " bytes");
        }
    }

    // ---- members ------------------------------------------------------------------------------------------------

    /**
     * A member's bytes in the file: what they are if it is stored, what they expand to otherwise.
     *
     * @throws CheckpointException if its header contradicts the directory
     */
    private MemorySegment raw(Member member) {
        long at = member.header;
        long name = at + LOCAL_BYTES;
        long data = name + file.unsignedShort(at + 26) + file.unsignedShort(at + 28);
        byte[] expected = member.name.getBytes(StandardCharsets.UTF_8);
        if (file.unsignedInt(at) != LOCAL_HEADER || file.unsignedShort(at + 8) != member.method
                || file.unsignedShort(at + 26) != expected.length || data > bounds.higher(at) - member.compressed
                || !new String(file.bytes(name, expected.length), StandardCharsets.UTF_8).equals(member.name)) {
            throw bad(at, "the header of member '" + member.name + "'", "something else");
        }
        return file.content().asSlice(data, member.compressed);
    }

    /** Where a stored member's bytes begin in the file; -1 for a compressed one. */
    long position(Member member) {
        return member.method == STORED ? file.offsetOf(raw(member)) : -1;
    }

    /**
     * A member's bytes: a view of the file if it is stored, otherwise inflated; the CRC is checked.
     *
     * @throws CheckpointException if they are damaged
     */
    MemorySegment read(Member member) {
        MemorySegment raw = raw(member);
        MemorySegment content = switch (member.method) {
            case STORED -> raw;
            case DEFLATED -> inflate(member, raw, member.size);
            default -> throw CheckpointException.unsupported(file.path(), member.header, null, "member '" + member.name
                    + "' stored or deflated", "compression method " + member.method, "repack the archive without compression");
        };
        CRC32 crc = new CRC32();
        for (long at = 0; at < content.byteSize(); at += 1 << 30) {
            crc.update(content.asSlice(at, Math.min(1 << 30, content.byteSize() - at)).asByteBuffer());
        }
        if (crc.getValue() != member.crc) {
            throw bad(member.header, "CRC " + Long.toHexString(member.crc) + " for member '" + member.name + "'",
                    Long.toHexString(crc.getValue()));
        }
        return content;
    }

    /** The first bytes of a member, fewer if it has fewer; the CRC is not checked, so nothing but these bytes is read. */
    MemorySegment head(Member member, int bytes) {
        MemorySegment raw = raw(member);
        long count = Math.min(bytes, member.size);
        return member.method == DEFLATED ? inflate(member, raw, count) : raw.asSlice(0, Math.min(count, raw.byteSize()));
    }

    /** @param count how many of the expanded bytes are wanted; all of them must be the last */
    private MemorySegment inflate(Member member, MemorySegment raw, long count) {
        if (Math.max(count, raw.byteSize()) > Integer.MAX_VALUE - 8) {
            throw CheckpointException.unsupported(file.path(), member.header, null, "compressed members below 2 GiB", "member '"
                    + member.name + "' of " + member.size + " bytes", "repack the archive without compression");
        }
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(raw.asByteBuffer());
            MemorySegment content = Arena.ofAuto().allocate(Math.max(1, count)).asSlice(0, count);
            ByteBuffer out = content.asByteBuffer();
            while (out.hasRemaining() && inflater.inflate(out) > 0) {
                // inflate writes as much as it can at once; it is called again only when it stopped early
            }
            boolean ended = count < member.size || (inflater.inflate(ByteBuffer.allocate(1)) == 0 && inflater.finished());
            if (out.hasRemaining() || !ended) {
                throw bad(member.header, member.size + " bytes in member '" + member.name + "'", "more or fewer");
            }
            return content;
        } catch (DataFormatException e) {
            throw bad(member.header, "deflated data in member '" + member.name + "'", Reason.of(e));
        } finally {
            inflater.end();
        }
    }

    private CheckpointException bad(long offset, String expected, String found) {
        return CheckpointException.damaged(file.path(), offset, expected, found);
    }
}
