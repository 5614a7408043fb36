package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Valid files of every container, changed at random: each is read as something harmless or refused. */
class MutationsTest {

    private static final int MUTATIONS = 20_000;
    private static final long[] NUMBERS = {0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, Integer.MAX_VALUE,
            Integer.MIN_VALUE, 0xffffffffL,
        Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, 1L << 40, 1 << 20};

    @TempDir
    static Path folder;
    /** Files, and pickles that are put into an archive with their CRC. */
    private static final List<byte[]> SEEDS = new ArrayList<>();
    private static final List<byte[]> MODELS = new ArrayList<>();
    private static final List<byte[]> PICKLES = new ArrayList<>();

    @BeforeAll
    static void collect() throws IOException {
        PackedFiles.unpack(folder);
        for (String name : List.of("oddities.pt", "oddities-legacy.pt", "unsupported.pt")) {
            byte[] bytes = Files.readAllBytes(folder.resolve(name));
            SEEDS.add(bytes);
            MappedFile file = Hostile.mapped(bytes);
            if (!TorchLegacy.accepts(file)) {
                ZipArchive zip = ZipArchive.open(file);
                PICKLES.add(zip.read(zip.find(zip.members().iterator().next().name().replaceFirst("/.*", "/data.pkl")))
                        .toArray(ValueLayout.JAVA_BYTE));
            }
        }
        for (String name : List.of("dino.pth", "dino-legacy.pth", "google-vit.npz", "augreg-timm.safetensors")) {
            MODELS.add(Files.readAllBytes(folder.resolve(name)));
        }
        PICKLES.add(new PickleWriter().op("}").text("t").tensor().op("s").text("a").array("f4", 1).op("C", 4, "abcd").endArray()
                .op("s").bytes());
        SEEDS.add(RawZip.torch(PICKLES.getLast()).bytes());
        byte[] header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }".getBytes(StandardCharsets.US_ASCII);
        byte[] npy = ByteBuffer.allocate(10 + header.length + 24).order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93)
                .put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII)).putShort((short) header.length).put(header).array();
        SEEDS.add(npy);
        RawZip npz = new RawZip();
        npz.add("stored.npy", npy);
        npz.deflate("deflated.npy", npy);
        SEEDS.add(npz.bytes());
        byte[] json = ("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]}}").getBytes(StandardCharsets.US_ASCII);
        SEEDS.add(ByteBuffer.allocate(8 + json.length + 32).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json)
                .array());
        SEEDS.add("{\"metadata\":{},\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}"
                .getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void areHarmless() {
        AtomicInteger at = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicLong seed = new AtomicLong();
        try {
            assertTimeoutPreemptively(Duration.ofMinutes(5), () -> {
                for (; at.get() < MUTATIONS; at.incrementAndGet()) {
                    seed.set(at.get());
                    read(mutated(new Random(seed.get())), refused);
                }
            });
        } catch (Exception | Error e) {
            throw new AssertionError("seed " + seed + ": " + e, e);
        }
        assertTrue(refused.get() > MUTATIONS / 4 && refused.get() < MUTATIONS * 0.99, refused + " refused");
    }

    private static void read(byte[] bytes, AtomicInteger refused) {
        try {
            Hostile.use(Checkpoint.read(Hostile.mapped(bytes)));
        } catch (CheckpointException e) {
            refused.incrementAndGet();
            if (!e.file().equals(Hostile.FILE)) { // a shard that is not there
                Hostile.oneLine(e);
            } else {
                Hostile.check(e);
            }
        }
    }

    private static byte[] mutated(Random random) {
        int kind = random.nextInt(60);
        boolean pickle = kind < 20;
        List<byte[]> from = pickle ? PICKLES : kind == 20 ? MODELS : SEEDS;
        byte[] bytes = from.get(random.nextInt(from.size())).clone();
        for (int n = random.nextInt(1, 5); n > 0 && bytes.length > 0; n--) {
            bytes = mutated(bytes, from, random);
        }
        return pickle ? RawZip.torch(bytes).bytes() : bytes;
    }

    private static byte[] mutated(byte[] bytes, List<byte[]> from, Random random) {
        // the first and the last bytes say where everything else is, so they are changed more often
        int place = switch (random.nextInt(3)) {
            case 0 -> random.nextInt(Math.min(200, bytes.length));
            case 1 -> bytes.length - 1 - random.nextInt(Math.min(200, bytes.length));
            default -> random.nextInt(bytes.length);
        };
        int length = random.nextInt(1, 1 + Math.min(64, bytes.length - place));
        byte[] part = Arrays.copyOfRange(bytes, place, place + length);
        return switch (random.nextInt(10)) {
            case 0, 1 -> with(bytes, place, 1, new byte[] {(byte) (bytes[place] ^ 1 << random.nextInt(8))});
            case 2, 3 -> with(bytes, place, 1, new byte[] {(byte) random.nextInt(256)});
            case 4 -> Arrays.copyOf(bytes, place);
            case 5 -> with(bytes, place, length, new byte[0]);
            case 6 -> with(bytes, place, 0, part);
            case 7 -> {
                byte[] other = from.get(random.nextInt(from.size()));
                int cut = random.nextInt(other.length);
                yield with(bytes, place, random.nextBoolean() ? bytes.length - place : 0, Arrays.copyOfRange(other, cut,
                        random.nextBoolean()
                        ? other.length : Math.min(other.length, cut + 64)));
            }
            case 8 -> {
                int size = Math.min(1 << random.nextInt(4), bytes.length - place);
                byte[] number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(NUMBERS[random.nextInt(NUMBERS.length)]).array();
                yield with(bytes, place, size, Arrays.copyOf(number, size));
            }
            default -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                yield with(bytes, place, random.nextBoolean() ? length : 0, noise);
            }
        };
    }

    /** Puts a part in the place of {@code count} bytes. */
    private static byte[] with(byte[] bytes, int place, int count, byte[] part) {
        byte[] result = Arrays.copyOf(bytes, bytes.length - count + part.length);
        System.arraycopy(part, 0, result, place, part.length);
        System.arraycopy(bytes, place + count, result, place + part.length, bytes.length - place - count);
        return result;
    }
}
