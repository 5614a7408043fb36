package dev.itprompt.train;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.CheckpointException;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StoredTensor;
import dev.itprompt.checkpoint.StoredValues;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * States as safetensors files: float32 tensors under the names they were visited with, doubles as F64, whole numbers as I64 and texts
 * as the U8 bytes of their UTF-8. A file appears under its name only when it is complete.
 */
public final class StateFile {

    private static final String FORMAT = "itprompt-state";
    private static final int LONGEST_FOUND = 80;

    private StateFile() {}

    /**
     * Saves what something knows.
     *
     * @param metadata text pairs that stand in the file's header, in their order
     */
    public static void save(Path file, Stateful what, Map<String, String> metadata) {
        LinkedHashMap<String, StoredValues> values = values(what);
        Map<String, String> header = new LinkedHashMap<>();
        header.put("format", FORMAT);
        header.putAll(metadata);
        SafeTensors.writeValues(file, values, header);
    }

    /** All that something knows, by the names under which a file has it. */
    public static LinkedHashMap<String, StoredValues> values(Stateful what) {
        LinkedHashMap<String, StoredValues> values = new LinkedHashMap<>();
        what.visit(new Saving("", values));
        return values;
    }

    /**
     * Loads what something knows.
     *
     * @return the file's text pairs
     * @throws InputException if the file is damaged, no state, or lacks something that is visited
     */
    public static Map<String, String> load(Path file, Stateful what) {
        Checkpoint checkpoint = Checkpoint.open(file);
        if (!FORMAT.equals(checkpoint.metadata().get("format"))) {
            throw new InputException(file + ": expected a state written by this program, found "
                    + (checkpoint.metadata().isEmpty() ? "another file" : "metadata " + Excerpt.of(checkpoint.metadata().toString(), LONGEST_FOUND)));
        }
        try {
            what.visit(new Loading("", checkpoint));
        } catch (CheckpointException e) {
            throw e;
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new InputException(file + ": expected a state of the same settings and program, found one that does not fit ("
                    + Excerpt.of(String.valueOf(e.getMessage()), LONGEST_FOUND) + ")", e);
        }
        return checkpoint.metadata();
    }

    /** The text pairs of a file, without the rest. */
    public static Map<String, String> metadata(Path file) {
        return Checkpoint.open(file).metadata();
    }

    private record Saving(String path, LinkedHashMap<String, StoredValues> values) implements State {

        private <T> T put(String name, T present, StoredValues stored) {
            if (values.put(path + name, stored) != null) {
                throw new IllegalStateException("state " + path + name + " is visited twice");
            }
            return present;
        }

        @Override
        public boolean isLoading() {
            return false;
        }

        @Override
        public State in(String part) {
            return new Saving(path + part + ".", values);
        }

        @Override
        public Tensor tensor(String name, Tensor present) {
            return put(name, present, new StoredValues.Floats(present));
        }

        @Override
        public double[] doubles(String name, double[] present) {
            return put(name, present, new StoredValues.Doubles(present));
        }

        @Override
        public long number(String name, long present) {
            put(name, present, new StoredValues.Longs(present));
            return present;
        }

        @Override
        public long[] numbers(String name, long[] present) {
            return put(name, present, new StoredValues.Longs(present));
        }

        @Override
        public String text(String name, String present) {
            return put(name, present, new StoredValues.Text(present));
        }
    }

    private record Loading(String path, Checkpoint file) implements State {

        private StoredTensor stored(String name) {
            return file.tensor(path + name);
        }

        @Override
        public boolean isLoading() {
            return true;
        }

        @Override
        public State in(String part) {
            return new Loading(path + part + ".", file);
        }

        @Override
        public Tensor tensor(String name, Tensor present) {
            return stored(name).load().copy();
        }

        @Override
        public double[] doubles(String name, double[] present) {
            return stored(name).doubles();
        }

        @Override
        public long number(String name, long present) {
            long[] values = stored(name).longs();
            if (values.length != 1) {
                throw new IllegalArgumentException(path + name + " holds " + values.length + " numbers, not 1");
            }
            return values[0];
        }

        @Override
        public long[] numbers(String name, long[] present) {
            return stored(name).longs();
        }

        @Override
        public String text(String name, String present) {
            return stored(name).text();
        }
    }
}
