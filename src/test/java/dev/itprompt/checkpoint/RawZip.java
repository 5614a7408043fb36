package dev.itprompt.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes zip files of which every field can lie: set it before {@link #bytes()}. */
public final class RawZip {

    /** A member; its fields are written as they are. */
    public static final class Member {
        byte[] name;
        byte[] localName;
        byte[] data;
        byte[] extra = {};
        byte[] localExtra = {};
        int localExtraBytes = -1;
        int flags;
        int method;
        int localMethod;
        long crc;
        long compressed;
        long size;
        /** Offset in the directory; -1 for where it is. */
        long header = -1;
        /** Whether only the directory has it. */
        boolean absent;
    }

    final List<Member> members = new ArrayList<>();
    byte[] comment = {};
    /** Fields of the end record; -1 for what they should be. */
    long entries = -1;
    long directoryBytes = -1;
    long directoryOffset = -1;
    int disk;
    byte[] beforeEnd = {};

    public Member add(String name, byte[] data) {
        Member member = new Member();
        member.name = name.getBytes(StandardCharsets.UTF_8);
        member.localName = member.name;
        member.data = data;
        member.compressed = data.length;
        member.size = data.length;
        member.crc = crc(data);
        members.add(member);
        return member;
    }

    public Member deflate(String name, byte[] data) {
        Member member = add(name, data);
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(data);
        deflater.finish();
        byte[] packed = new byte[data.length + 100];
        member.data = Arrays.copyOf(packed, deflater.deflate(packed));
        deflater.end();
        member.method = 8;
        member.localMethod = 8;
        member.compressed = member.data.length;
        return member;
    }

    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        for (Member m : members) {
            long at = out.size();
            if (!m.absent) {
                ByteBuffer local = buffer(30).putInt(0x04034b50).putShort((short) 20).putShort((short) m.flags)
                        .putShort((short) m.localMethod).putInt(0).putInt((int) m.crc).putInt((int) m.compressed)
                        .putInt((int) m.size)
                        .putShort((short) m.localName.length)
                        .putShort((short) (m.localExtraBytes < 0 ? m.localExtra.length : m.localExtraBytes));
                out.writeBytes(local.array());
                out.writeBytes(m.localName);
                out.writeBytes(m.localExtra);
                out.writeBytes(m.data);
            }
            ByteBuffer entry = buffer(46).putInt(0x02014b50).putInt(0).putShort((short) m.flags).putShort((short) m.method)
                    .putInt(0).putInt((int) m.crc).putInt((int) m.compressed).putInt((int) m.size).putShort((short) m.name.length)
                    .putShort((short) m.extra.length).position(42).putInt((int) (m.header < 0 ? at : m.header));
            directory.writeBytes(entry.array());
            directory.writeBytes(m.name);
            directory.writeBytes(m.extra);
        }
        long offset = out.size();
        out.writeBytes(directory.toByteArray());
        out.writeBytes(beforeEnd);
        int count = (int) (entries < 0 ? members.size() : entries);
        out.writeBytes(buffer(22).putInt(0x06054b50).putShort((short) disk).putShort((short) disk).putShort((short) count)
                .putShort((short) count).putInt((int) (directoryBytes < 0 ? directory.size() : directoryBytes))
                .putInt((int) (directoryOffset < 0 ? offset : directoryOffset)).putShort((short) comment.length).array());
        out.writeBytes(comment);
        return out.toByteArray();
    }

    /** An extra field with 64-bit sizes. */
    static byte[] extra64(long... sizes) {
        ByteBuffer extra = buffer(4 + 8 * sizes.length).putShort((short) 1).putShort((short) (8 * sizes.length));
        for (long size : sizes) {
            extra.putLong(size);
        }
        return extra.array();
    }

    /** A 64-bit end record at {@code at} and its locator. */
    static byte[] end64(long at, long entries, long bytes, long offset, long locator) {
        return buffer(76).putInt(0x06064b50).putLong(44).putInt(0).putLong(0).putLong(entries).putLong(entries).putLong(bytes)
                .putLong(offset).putInt(0x07064b50).putInt(0).putLong(locator < 0 ? at : locator).putInt(1).array();
    }

    /** A checkpoint of PyTorch with storage 0. */
    public static RawZip torch(byte[] pickle) {
        RawZip zip = new RawZip();
        zip.add("archive/data.pkl", pickle);
        zip.add("archive/data/0", new byte[64]);
        return zip;
    }

    static long crc(byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return crc.getValue();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
