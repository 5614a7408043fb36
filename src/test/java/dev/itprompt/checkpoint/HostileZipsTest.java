package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Zip files that lie, in every field: all are refused, when they are opened or when the tensor in them is read. */
class HostileZipsTest {

    private static final long MAX_32 = 0xFFFFFFFFL;

    private record Case(String name, byte[] zip) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Case> CASES = new ArrayList<>();

    static {
        names();
        sizes();
        layout();
        directory();
        content();
    }

    /** A checkpoint of one tensor 't', changed; {@code members} are data.pkl and data/0. */
    private static void add(String name, Consumer<RawZip> change) {
        RawZip zip = torch();
        change.accept(zip);
        CASES.add(new Case(name, zip.bytes()));
    }

    private static RawZip torch() {
        return RawZip.torch(new PickleWriter().op("}").text("t").tensor().op("s").bytes());
    }

    private static void storage(String name, Consumer<RawZip.Member> change) {
        add(name, zip -> change.accept(zip.members.get(1)));
    }

    private static void names() {
        for (String name : List.of("../evil", "archive/../../evil", "..", "/etc/passwd", "C:/evil", "c:evil\nx", "a\\b",
                "..\\evil", "a\0b", "",
                "archive/data.pkl")) {
            add("member '" + name.replaceAll("\\p{Cntrl}", "?") + "'", zip -> zip.add(name, new byte[1]));
        }
        add("name that is no UTF-8", zip -> zip.add("x", new byte[1]).name = new byte[] {(byte) 0xff});
        storage("other name in its own header", m -> m.localName = "archive/data/1".getBytes(StandardCharsets.UTF_8));
        storage("longer name in its own header", m -> m.localName = "archive/data/00".getBytes(StandardCharsets.UTF_8));
    }

    private static void sizes() {
        for (long size : new long[] {0, 63, 65, 1 << 30, 0x7fffffffL, 0xfffffffeL}) {
            storage("size " + size, m -> m.size = size);
            storage("stored size " + size, m -> m.compressed = size);
            storage("both sizes " + size, m -> m.compressed = m.size = size);
        }
        for (long[] wide : new long[][] {{}, {64}, {-1, 64}, {64, -1}, {1L << 62, 1L << 62}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
            storage("64-bit sizes " + Arrays.toString(wide), m -> {
                m.compressed = m.size = MAX_32;
                m.extra = RawZip.extra64(wide);
            });
        }
        for (long at : new long[] {-1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
            storage("64-bit position " + at, m -> {
                m.header = MAX_32;
                m.extra = RawZip.extra64(at);
            });
        }
        storage("extra field longer than its entry", m -> m.extra = new byte[] {9, 9, (byte) 200, 0, 1});
    }

    private static void layout() {
        storage("same bytes as another member", m -> m.header = 0);
        storage("inside another member", m -> m.header = 40);
        storage("beyond the file", m -> m.header = 1 << 20);
        storage("in the directory", m -> m.header = 300);
        storage("without its own header", m -> m.absent = true);
        storage("own extra field over the directory", m -> m.localExtraBytes = 1);
        storage("own extra field beyond the file", m -> m.localExtraBytes = 0xffff);
        add("data of another member, behind an extra field that covers its header", zip -> {
            byte[] reference = new PickleWriter().op("}").text("t").storage("1", 16).put(0).op("0").global("torch._utils",
                    "_rebuild_tensor_v2").op("(").get(0).number(0).numbers(4).numbers(1).op("tRs").bytes();
            zip.members.clear();
            zip.add("archive/data.pkl", reference);
            zip.add("archive/data/1", new byte[64]).localExtraBytes = 64 + 30 + "archive/data/0".length();
            zip.add("archive/data/0", new byte[64]);
        });
        add("bomb of one member", zip -> zip.deflate("archive/bomb", new byte[20 << 20]));
        add("bomb of many members", zip -> {
            for (int i = 0; i < 100; i++) {
                zip.deflate("archive/bomb" + i, new byte[200_000]);
            }
        });
        add("bomb that says less", zip -> {
            byte[] pickle = zip.members.removeFirst().data;
            RawZip.Member bomb = zip.deflate("archive/data.pkl", Arrays.copyOf(pickle, 20 << 20));
            bomb.size = pickle.length;
        });
        add("bomb that says more", zip -> {
            byte[] pickle = zip.members.removeFirst().data;
            zip.deflate("archive/data.pkl", pickle).size = 10 << 20;
        });
    }

    private static void directory() {
        for (long value : new long[] {0, 1, 3, 0xfffe, 0xffff}) {
            add(value + " entries", zip -> zip.entries = value);
        }
        for (long value : new long[] {0, 1, 1 << 20, 0xfffffffeL, MAX_32}) {
            add("directory of " + value + " bytes", zip -> zip.directoryBytes = value);
            add("directory at " + value, zip -> zip.directoryOffset = value);
        }
        add("many disks", zip -> zip.disk = 1);
        for (long[] end : new long[][] {{2, 124, 1L << 60, -1}, {Long.MAX_VALUE, 124, 300, -1}, {-1, 124, 300, -1}, {2,
                Long.MAX_VALUE, 300, -1},
                {2, 124, 300, 0}, {2, 124, 300, Long.MAX_VALUE}, {2, 124, 300, Long.MIN_VALUE}}) {
            add("64-bit end record " + Arrays.toString(end), zip -> {
                int at = zip.bytes().length - 22;
                zip.beforeEnd = RawZip.end64(at, end[0], end[1], end[2], end[3]);
                zip.entries = 0xffff;
            });
        }
        add("comment that is an empty archive", zip -> zip.comment = new RawZip().bytes());
        add("comment with an end record of lies", zip -> {
            zip.comment = new RawZip().bytes();
            zip.comment[10] = 7;
        });
        CASES.add(new Case("no members", new RawZip().bytes()));
        RawZip other = new RawZip();
        other.add("readme.txt", new byte[10]);
        CASES.add(new Case("no checkpoint", other.bytes()));
        CASES.add(new Case("only the mark of a zip", "PK\3\4".getBytes(StandardCharsets.US_ASCII)));
    }

    private static void content() {
        storage("bad CRC", m -> m.crc++);
        storage("damaged data", m -> m.data[5]++);
        storage("encrypted", m -> m.flags = 1);
        storage("unknown method", m -> m.method = m.localMethod = 12);
        storage("other method in its own header", m -> m.localMethod = 8);
        storage("deflated data that is none", m -> {
            m.method = m.localMethod = 8;
            Arrays.fill(m.data, (byte) 0xff);
        });
        add("no data member", zip -> zip.members.remove(1));
        add("no pickle", zip -> zip.members.remove(0));
        add("pickle too deep", zip -> zip.members.get(0).name = zip.members.get(0)
                .localName = "a/b/data.pkl".getBytes(StandardCharsets.UTF_8));
        add("big-endian", zip -> zip.add("archive/byteorder", "big".getBytes(StandardCharsets.US_ASCII)));
        add("byte order of a megabyte", zip -> zip.add("archive/byteorder", new byte[1 << 20]));
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void areRefused(Case hostile) {
        Hostile.open(hostile.zip).ifPresent(checkpoint -> Hostile.check(assertThrows(CheckpointException.class,
                () -> checkpoint.tensor("t").load())));
    }

    @Test
    void theSameFileWithoutALieIsRead() {
        assertEquals(List.of(4L), Hostile.open(torch().bytes()).orElseThrow().tensor("t").shape());
        RawZip commented = torch();
        commented.comment = "PK\5\6 is what an end record begins with".getBytes(StandardCharsets.US_ASCII);
        Hostile.open(commented.bytes()).orElseThrow().tensor("t").load();
        RawZip deflated = torch();
        deflated.deflate("archive/data/0", deflated.members.removeLast().data);
        Hostile.open(deflated.bytes()).orElseThrow().tensor("t").load();
        RawZip wide = torch();
        wide.members.get(1).extra = RawZip.extra64(64, 64);
        wide.members.get(1).compressed = wide.members.get(1).size = MAX_32;
        Hostile.open(wide.bytes()).orElseThrow().tensor("t").load();
    }

    @Test
    void truncationAnywhereIsFound() {
        byte[] whole = torch().bytes();
        for (int length = 0; length < whole.length; length++) {
            assertTrue(Hostile.open(Arrays.copyOf(whole, length)).isEmpty(), "cut to " + length);
        }
    }
}
