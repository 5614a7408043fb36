package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/** Event files, read by TensorFlow's own messages in records whose sums are those that TensorFlow's writer makes. */
class TensorBoardTest {

    @TempDir
    private Path root;

    /** The record that TensorFlow's TFRecordWriter makes of this text (test_resources/io/expected.tfrecord of tensorflow/rust). */
    @Test
    void sumsAreTensorFlows() {
        byte[] record = HexFormat.of().parseHex("13000000000000000c91321b54686520517569636b2042726f776e20466f78180de83a");
        assertArrayEquals("The Quick Brown Fox".getBytes(StandardCharsets.UTF_8), records(record).getFirst());
    }

    /** The vectors of RFC 3720, B.4, before they are masked. */
    @Test
    void sumsAreThoseOfTheStandard() {
        byte[] ascending = new byte[32];
        byte[] ones = new byte[32];
        for (int i = 0; i < 32; i++) {
            ascending[i] = (byte) i;
            ones[i] = (byte) 0xff;
        }
        assertEquals(masked(0x8a9136aa), EventFile.masked(new byte[32]));
        assertEquals(masked(0x62a8ab43), EventFile.masked(ones));
        assertEquals(masked(0x46dd794e), EventFile.masked(ascending));
    }

    private static int masked(int sum) {
        return (sum >>> 15 | sum << 17) + 0xa282ead8;
    }

    /** Cuts a file into records and checks both sums of each. */
    private static List<byte[]> records(byte[] file) {
        List<byte[]> records = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            byte[] length = Arrays.copyOfRange(file, rest.position(), rest.position() + 8);
            byte[] data = new byte[Math.toIntExact(rest.getLong())];
            assertEquals(EventFile.masked(length), rest.getInt());
            rest.get(data);
            assertEquals(EventFile.masked(data), rest.getInt());
            records.add(data);
        }
        return records;
    }

    private static List<Event> events(byte[] file) throws IOException {
        List<Event> events = new ArrayList<>();
        for (byte[] record : records(file)) {
            events.add(Event.parseFrom(record));
        }
        return events;
    }

    @Test
    void scalarsAreReadAsTheyWereWritten() throws IOException {
        List<EventFile.Scalar> scalars = List.of(new EventFile.Scalar("a", 0, 0, 0), new EventFile.Scalar("loss/ä\n\"", 1, 1.25e9, -1.5),
                new EventFile.Scalar("x".repeat(200), 127, 1e9, 1e-30), new EventFile.Scalar("x".repeat(20_000), 128, 2e9, 100),
                new EventFile.Scalar("late", Long.MAX_VALUE, 3e9, Float.MAX_VALUE));
        List<Event> events = events(EventFile.of(scalars));
        assertEquals("brain.Event:2", events.getFirst().getFileVersion());
        assertEquals(scalars.size() + 1, events.size());
        for (int i = 0; i < scalars.size(); i++) {
            Event event = events.get(i + 1);
            assertEquals(scalars.get(i).step(), event.getStep());
            assertEquals(scalars.get(i).seconds(), event.getWallTime());
            Summary.Value value = event.getSummary().getValue(0);
            assertEquals(scalars.get(i).tag(), value.getTag());
            assertEquals((float) scalars.get(i).value(), value.getSimpleValue());
            assertTrue(event.getUnknownFields().asMap().isEmpty() && value.getUnknownFields().asMap().isEmpty());
        }
    }

    private static String line(String event, int second, String rest) {
        return "{\"time\":\"2026-01-01T00:00:%02d.500Z\",\"event\":\"%s\"%s}\n".formatted(second, event, rest);
    }

    private static String step(String stage, int step, int steps, double loss, int second) {
        return line("step", second, ",\"training\":\"it-prompt\",\"stage\":\"%s\",\"step\":%d,\"steps\":%d,\"loss\":%s,\"rate\":0.5"
                .formatted(stage, step, steps, loss));
    }

    /** tag -> step -> value */
    private static Map<String, Map<Long, Float>> curves(Path file) throws IOException {
        return events(Files.readAllBytes(file)).stream().skip(1).collect(Collectors.groupingBy(event -> event.getSummary().getValue(0).getTag(),
                TreeMap::new, Collectors.toMap(Event::getStep, event -> event.getSummary().getValue(0).getSimpleValue(), (_, _) -> {
                    throw new AssertionError("a step twice");
                }, TreeMap::new)));
    }

    @Test
    void aRunsCurvesAreThoseOfItsFiles() throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Files.writeString(folder.resolve("log.jsonl"), line("start", 0, "")
                + step("task 1 prompt", 5, 10, 2, 1) + step("task 1 prompt", 10, 10, 1.5, 2)
                + "{\"time\":\"2026-01-01T00:00:03Z\",\"ev" + "\n" // the process died here, and began again before the last line
                + step("task 1 prompt", 10, 10, 1.25, 4) + step("task 1 classifier", 1, 1, 3, 5)
                + line("task", 6, ",\"method\":\"it-prompt\",\"task\":0") + step("task 2 prompt", 7, 10, 0.5, 7) + line("end", 9, ""));
        RunSet set = RunSet.read(List.of(folder));
        assertEquals(folder.resolve("tensorboard"), TensorBoard.write(set, folder));
        Path file = folder.resolve("tensorboard/it-prompt/events.out.tfevents.0.itprompt");
        Map<String, Map<Long, Float>> curves = curves(file);
        assertEquals(Map.of(5L, 2f, 10L, 1.25f, 17L, 0.5f), curves.get("loss/prompt"), "tasks one after the other, each step as done last");
        assertEquals(Map.of(1L, 3f), curves.get("loss/classifier"));
        assertEquals(Map.of(5L, 0.5f, 10L, 0.5f, 17L, 0.5f), curves.get("rate/prompt"));
        RunRecord run = set.runs().getFirst();
        MethodRecord method = run.method("it-prompt");
        assertEquals(3, curves.get("accuracy/task 1").size());
        assertEquals((float) method.accuracy().accuracy(0, 2), curves.get("accuracy/task 1").get(3L));
        assertEquals(List.of(2L, 3L), List.copyOf(curves.get("accuracy/task 2").keySet()));
        assertEquals((float) Definition.FAA.of(run, method).orElseThrow(), curves.get("accuracy/average").get(3L));
        assertEquals((float) Definition.FAA.of(run, method).orElseThrow(), curves.get("metrics/FAA").get(3L));
        assertEquals((float) Definition.TASK_INFERENCE.of(run, method).orElseThrow(), curves.get("task inference/average").get(3L));
        List<Event> events = events(Files.readAllBytes(file));
        double begin = 1767225600; // 2026-01-01
        assertEquals(begin + 1.5, events.getFirst().getWallTime());
        assertEquals(begin + 6.5, events.stream().filter(event -> event.getStep() == 1 && event.getSummary().getValue(0).getTag().equals("accuracy/average"))
                .findFirst().orElseThrow().getWallTime());
        assertEquals(Map.of(3L, (float) Definition.FAA.of(run, run.method("joint")).orElseThrow()),
                curves(folder.resolve("tensorboard/joint/events.out.tfevents.0.itprompt")).get("accuracy/average"), "learns all at once");
        byte[] before = Files.readAllBytes(file);
        TensorBoard.write(set, folder);
        assertArrayEquals(before, Files.readAllBytes(file));
        TensorBoard.delete(folder);
        assertFalse(Files.exists(folder.resolve("tensorboard")));
    }

    @Test
    void eachSeedIsARunAndALogIsNotNeeded() throws IOException {
        RunSet set = RunSet.read(List.of(SampleRun.of(1).write(root.resolve("one")), SampleRun.of(2).write(root.resolve("two"))));
        TensorBoard.write(set, root);
        try (Stream<Path> files = Files.walk(root.resolve("tensorboard"))) {
            assertEquals(6, files.filter(Files::isRegularFile).count());
        }
        assertTrue(curves(root.resolve("tensorboard/seed-2/ncm/events.out.tfevents.0.itprompt")).containsKey("accuracy/task 3"));
    }
}
