package dev.itprompt.data;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The variables of a MATLAB file of version 5, in which some data sets keep labels or pictures: numbers, texts, cells and structures;
 * of other kinds, such as sparse matrices and objects, there is only the name. Memory is bounded by what the file can hold. Source:
 * MathWorks, MAT-File Format, chapter on version 5.
 *
 * @param file      it was read from
 * @param variables by name
 */
public record MatFile(Path file, Map<String, Value> variables) {

    /** A variable or a part of one. */
    public sealed interface Value { }

    /**
     * Real numbers, the first extent running fastest.
     *
     * @param dims the extents
     * @param type of a stored number
     * @param data as stored
     */
    public record Numbers(List<Integer> dims, Type type, ByteBuffer data) implements Value {

        /** How many. */
        public int count() {
            return data.remaining() / type.bytes;
        }

        /** One of them, cut to a whole number. */
        public int get(int index) {
            int at = data.position() + index * type.bytes;
            return switch (type) {
                case INT8 -> data.get(at);
                case UINT8 -> Byte.toUnsignedInt(data.get(at));
                case INT16 -> data.getShort(at);
                case UINT16 -> Short.toUnsignedInt(data.getShort(at));
                case INT32, UINT32 -> data.getInt(at);
                case SINGLE -> (int) data.getFloat(at);
                case DOUBLE -> (int) data.getDouble(at);
                case INT64, UINT64 -> (int) data.getLong(at);
            };
        }
    }

    /** A row of characters. */
    public record Text(String text) implements Value { }

    /** Values of any kind. */
    public record Cells(List<Value> cells) implements Value { }

    /** Structures of the same fields. */
    public record Structs(List<Map<String, Value>> structs) implements Value { }

    /** What is not read. */
    public record Other(int kind) implements Value { }

    /** Stored types of numbers, with their bytes. */
    public enum Type {
        INT8(1), UINT8(1), INT16(2), UINT16(2), INT32(4), UINT32(4), SINGLE(4), DOUBLE(8), INT64(8), UINT64(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        private static Type of(int code) {
            return switch (code) {
                case 1 -> INT8;
                case 2 -> UINT8;
                case 3 -> INT16;
                case 4 -> UINT16;
                case 5 -> INT32;
                case 6 -> UINT32;
                case 7 -> SINGLE;
                case 9 -> DOUBLE;
                case 12 -> INT64;
                case 13 -> UINT64;
                default -> null;
            };
        }
    }

    private static final String EXPECTED = "a MATLAB file of version 5";
    private static final String REMEDY = "fetch it again";
    private static final int HEADER = 128;
    private static final int MATRIX = 14;
    private static final int COMPRESSED = 15;
    private static final int DEEPEST = 20;
    /** Bytes that one byte of deflated data can stand for. */
    private static final int LARGEST_RATIO = 1032;

    /**
     * Reads a file.
     *
     * @throws DataException if it is none, is damaged or too large for the heap
     */
    public static MatFile read(Path file) {
        ByteBuffer data = ByteBuffer.wrap(DataFiles.bytes(file, EXPECTED, MemoryBudget.HEAP));
        if (data.remaining() < HEADER) {
            throw new DataException(file, EXPECTED, data.remaining() + " bytes", REMEDY);
        }
        String mark = new String(data.array(), HEADER - 2, 2, StandardCharsets.ISO_8859_1);
        if (!mark.equals("IM") && !mark.equals("MI")) {
            throw new DataException(file, EXPECTED, "another format (" + new String(data.array(), 0, 6, StandardCharsets.ISO_8859_1) + ")",
                    "save it with -v7 or older");
        }
        data.order(mark.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).position(HEADER);
        Map<String, Value> variables = new LinkedHashMap<>();
        try {
            while (data.remaining() >= 8) {
                variable(file, data, variables);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException | DataFormatException | IOException e) {
            throw new DataException(file, EXPECTED, "one that ends too early or is damaged", REMEDY, e);
        }
        return new MatFile(file, variables);
    }

    private static void variable(Path file, ByteBuffer data, Map<String, Value> variables) throws DataFormatException, IOException {
        Element element = element(data);
        if (element.type() == COMPRESSED) {
            element = element(inflate(file, element.data()));
        }
        if (element.type() != MATRIX) {
            throw new IOException("element " + element.type());
        }
        ByteBuffer body = element.data();
        String[] name = new String[1];
        Value value = matrix(body, name, 0);
        variables.put(name[0], value);
    }

    private static ByteBuffer inflate(Path file, ByteBuffer packed) throws DataFormatException, IOException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed.duplicate());
            byte[] tag = new byte[8];
            if (inflater.inflate(tag) < tag.length) {
                throw new DataFormatException("nothing in it");
            }
            long size = Integer.toUnsignedLong(ByteBuffer.wrap(tag).order(packed.order()).getInt(4));
            if (size > (long) LARGEST_RATIO * packed.remaining()) {
                throw new DataFormatException("it says to be larger than it can be");
            }
            return MemoryBudget.HEAP.with(size + tag.length, file, "a variable of " + size + " bytes", () -> {
                byte[] whole = Arrays.copyOf(tag, Math.toIntExact(size) + tag.length);
                int at = tag.length;
                try {
                    while (at < whole.length) {
                        int got = inflater.inflate(whole, at, whole.length - at);
                        if (got == 0) {
                            throw new IOException("the deflated data end too early");
                        }
                        at += got;
                    }
                } catch (DataFormatException e) {
                    throw new IOException(e);
                }
                return ByteBuffer.wrap(whole).order(packed.order());
            });
        } finally {
            inflater.end();
        }
    }

    private record Element(int type, ByteBuffer data) { }

    /** The next element; small ones have size and type in one word. */
    private static Element element(ByteBuffer data) {
        int word = data.getInt();
        int type = word & 0xffff;
        int size = word >>> 16;
        int start = data.position();
        int padded;
        if (size == 0) {
            type = word;
            size = data.getInt();
            start = data.position();
            padded = type == COMPRESSED ? size : Math.addExact(size, 7) & ~7;
        } else {
            padded = 4;
        }
        if (size < 0 || size > data.limit() - start) {
            throw new BufferUnderflowException();
        }
        data.position((int) Math.min((long) start + padded, data.limit()));
        return new Element(type, data.slice(start, size).order(data.order()));
    }

    private static Value matrix(ByteBuffer body, String[] name, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("nested too deeply");
        }
        if (!body.hasRemaining()) {
            return new Numbers(List.of(0, 0), Type.UINT8, ByteBuffer.allocate(0)); // an empty cell
        }
        int kind = element(body).data().getInt() & 0xff;
        ByteBuffer extents = element(body).data();
        List<Integer> dims = new ArrayList<>();
        long count = 1;
        while (extents.remaining() >= Integer.BYTES) {
            dims.add(extents.getInt());
            count *= dims.getLast();
            if (count < 0 || count > Integer.MAX_VALUE) {
                throw new IOException("extents " + dims);
            }
        }
        String own = latin(element(body).data());
        if (name != null) {
            name[0] = own;
        }
        return switch (kind) {
            case 1 -> new Cells(values(body, (int) count, depth));
            case 2 -> structs(body, (int) count, depth);
            case 4 -> new Text(characters(element(body), (int) count));
            case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 -> numbers(element(body), dims, count);
            default -> new Other(kind);
        };
    }

    private static Numbers numbers(Element element, List<Integer> dims, long count) throws IOException {
        Type type = Type.of(element.type());
        if (type == null || count * type.bytes != element.data().remaining()) {
            throw new IOException("numbers of another count");
        }
        return new Numbers(dims, type, element.data());
    }

    private static List<Value> values(ByteBuffer body, int count, int depth) throws IOException {
        if (count > body.remaining() / 8) {
            throw new BufferUnderflowException();
        }
        List<Value> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Element cell = element(body);
            values.add(matrix(cell.data(), null, depth + 1));
        }
        return values;
    }

    private static Structs structs(ByteBuffer body, int count, int depth) throws IOException {
        int length = element(body).data().getInt();
        ByteBuffer names = element(body).data();
        if (length < 1 || names.remaining() % length != 0) {
            throw new IOException("names of fields of length " + length);
        }
        List<String> fields = new ArrayList<>();
        while (names.hasRemaining()) {
            fields.add(latin(names.slice(names.position(), length)).replaceAll("\0.*", ""));
            names.position(names.position() + length);
        }
        if ((long) count * fields.size() > body.remaining() / 8) {
            throw new BufferUnderflowException();
        }
        List<Map<String, Value>> structs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Map<String, Value> struct = new LinkedHashMap<>();
            for (String field : fields) {
                struct.put(field, matrix(element(body).data(), null, depth + 1));
            }
            structs.add(struct);
        }
        return new Structs(structs);
    }

    private static String characters(Element element, int count) throws IOException {
        ByteBuffer data = element.data();
        return switch (element.type()) {
            case 16 -> StandardCharsets.UTF_8.decode(data).toString();
            case 1, 2 -> latin(data);
            case 4, 17 -> {
                StringBuilder text = new StringBuilder(count);
                while (data.remaining() >= 2) {
                    text.append(data.getChar());
                }
                yield text.toString();
            }
            default -> throw new IOException("characters of type " + element.type());
        };
    }

    private static String latin(ByteBuffer data) {
        return StandardCharsets.ISO_8859_1.decode(data.duplicate()).toString();
    }

    /**
     * A variable.
     *
     * @throws DataException if there is none of that name and kind
     */
    public <T extends Value> T get(String name, Class<T> kind) {
        return as(variables.get(name), kind, "a variable '" + name + "'");
    }

    /** The structures of a variable; see {@link #get}. */
    public List<Map<String, Value>> structs(String name) {
        return get(name, Structs.class).structs();
    }

    /** Numbers of a variable in their order; see {@link #get}. */
    public int[] numbers(String name) {
        Numbers numbers = get(name, Numbers.class);
        int[] all = new int[numbers.count()];
        for (int i = 0; i < all.length; i++) {
            all[i] = numbers.get(i);
        }
        return all;
    }

    /**
     * A part of a structure or cells as a text.
     *
     * @throws DataException if it is none
     */
    public String text(Value value) {
        return as(value, Text.class, "a text").text().strip();
    }

    /**
     * A part of a structure or cells as a number.
     *
     * @throws DataException if it is none
     */
    public int number(Value value) {
        Numbers numbers = as(value, Numbers.class, "a number");
        if (numbers.count() != 1) {
            throw new DataException(file, "a number", numbers.count() + " of them", REMEDY);
        }
        return numbers.get(0);
    }

    private <T> T as(Value value, Class<T> kind, String what) {
        if (kind.isInstance(value)) {
            return kind.cast(value);
        }
        throw new DataException(file, what + " of " + kind.getSimpleName().toLowerCase(Locale.ROOT),
                value == null ? "none" : value.getClass().getSimpleName().toLowerCase(Locale.ROOT), "check that it is the right file");
    }
}
