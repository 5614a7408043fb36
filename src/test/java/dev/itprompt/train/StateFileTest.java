package dev.itprompt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {

    @TempDir
    private Path folder;

    private static final class Part implements Stateful {
        private double[] mean = {};

        @Override
        public void visit(State state) {
            mean = state.doubles("mean", mean);
        }
    }

    private static final class Known implements Stateful {
        private Tensor weight;
        private long count;
        private String text = "";
        private double[][] square;
        private boolean flag;
        private long[] order = {};
        private final List<Part> parts = new ArrayList<>();

        @Override
        public void visit(State state) {
            weight = state.tensor("weight", weight);
            count = state.number("count", count);
            text = state.text("text", text);
            square = state.square("square", square);
            flag = state.flag("flag", flag);
            order = state.numbers("order", order);
            state.list("parts", parts, Part::new);
        }
    }

    private static Known known() {
        Known known = new Known();
        known.weight = Tensor.of(Shape.of(2, 2), 1, Float.MIN_VALUE, -0f, 3.25f);
        known.count = Long.MIN_VALUE + 7;
        known.text = "犬\n\"cat\"";
        known.square = new double[][] {{1, Math.PI}, {Double.MIN_VALUE, -0.0}};
        known.flag = true;
        known.order = new long[] {3, 1, 2};
        for (int i = 0; i < 3; i++) {
            Part part = new Part();
            part.mean = new double[i];
            known.parts.add(part);
        }
        return known;
    }

    @Test
    void everyKindComesBackToTheLastBit() {
        Known saved = known();
        Path file = folder.resolve("state.safetensors");
        StateFile.save(file, saved, Map.of("method", "test"));
        Known loaded = new Known();
        loaded.parts.add(new Part());
        assertEquals("test", StateFile.load(file, loaded).get("method"));
        assertArrayEquals(saved.weight.toArray(), loaded.weight.toArray());
        assertEquals(saved.weight.shape(), loaded.weight.shape());
        assertEquals(saved.count, loaded.count);
        assertEquals(saved.text, loaded.text);
        assertArrayEquals(saved.square[0], loaded.square[0]);
        assertEquals(Double.doubleToRawLongBits(-0.0), Double.doubleToRawLongBits(loaded.square[1][1]));
        assertTrue(loaded.flag);
        assertArrayEquals(saved.order, loaded.order);
        assertEquals(3, loaded.parts.size());
        assertEquals(2, loaded.parts.get(2).mean.length);
    }

    @Test
    void theSameStateIsTheSameFile() throws Exception {
        StateFile.save(folder.resolve("a"), known(), Map.of("method", "test"));
        StateFile.save(folder.resolve("b"), known(), Map.of("method", "test"));
        assertArrayEquals(Files.readAllBytes(folder.resolve("a")), Files.readAllBytes(folder.resolve("b")));
    }

    @Test
    void otherFilesAndMissingPartsAreRefused() {
        Path file = folder.resolve("state.safetensors");
        StateFile.save(file, state -> state.number("count", 1), Map.of());
        InputException missing = assertThrows(InputException.class, () -> StateFile.load(file, new Known()));
        assertTrue(missing.getMessage().contains("weight"), missing.getMessage());
        StateFile.save(file, state -> state.text("weight", "no tensor"), Map.of());
        assertThrows(InputException.class, () -> StateFile.load(file, state -> state.number("weight", 0)));
        assertThrows(IllegalStateException.class, () -> StateFile.save(file, state -> {
            state.number("twice", 1);
            state.number("twice", 2);
        }, Map.of()));
    }
}
