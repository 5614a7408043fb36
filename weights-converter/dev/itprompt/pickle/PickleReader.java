package dev.itprompt.pickle;

import dev.itprompt.pickle.PickleValue.Bool;
import dev.itprompt.pickle.PickleValue.Bytes;
import dev.itprompt.pickle.PickleValue.Call;
import dev.itprompt.pickle.PickleValue.Dict;
import dev.itprompt.pickle.PickleValue.Global;
import dev.itprompt.pickle.PickleValue.Int;
import dev.itprompt.pickle.PickleValue.None;
import dev.itprompt.pickle.PickleValue.Persistent;
import dev.itprompt.pickle.PickleValue.Real;
import dev.itprompt.pickle.PickleValue.Sequence;
import dev.itprompt.pickle.PickleValue.Text;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Python pickles of protocols 0 to 5 into {@link PickleValue}s. It is a parser, not an interpreter: no class is looked
 * up, nothing is called, whatever the pickle says. Opcodes that reach outside the pickle (extension codes, out-of-band
 * buffers) are refused.
 *
 * <p>Work and memory are bounded by the length of the pickle: every opcode makes at most one value, there may be no more than
 * {@value #MAX_VALUES} of them, and lengths are checked against the bytes that are left before anything is allocated.
 *
 * <p>Source: the description of the opcodes in Python's {@code pickletools} module.
 */
public final class PickleReader {

    /** Makes what is thrown when a pickle is malformed. */
    @FunctionalInterface
    public interface Faults {
        /**
         * An exception.
         *
         * @param offset   of the bytes at fault in the file
         * @param expected what the format asks for
         * @param found    what is there instead
         */
        RuntimeException at(long offset, String expected, String found);
    }

    private static final int MAX_VALUES = 1_000_000;
    /** Decimal digits, or bytes, of a number; conversion takes quadratic time. */
    private static final int MAX_DIGITS = 1000;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final long base;
    private final MemorySegment data;
    private final Faults faults;
    private long at;
    private long opcodeAt;
    private int values;

    private final ArrayList<PickleValue> stack = new ArrayList<>();
    private final ArrayList<Integer> marks = new ArrayList<>();
    private final Map<Long, PickleValue> memo = new HashMap<>();
    private final List<Persistent> references = new ArrayList<>();

    /**
     * @param base   offset of the data in the file, for messages
     * @param data   begins with a pickle; several may follow each other; {@link PickleValue.Bytes} are parts of it, not copies
     * @param faults makes what is thrown
     */
    public PickleReader(long base, MemorySegment data, Faults faults) {
        this.base = base;
        this.data = data;
        this.faults = faults;
    }

    /** Bytes read so far: where the next pickle, or what follows the pickles, begins. */
    public long position() {
        return at;
    }

    /** What the pickle read last refers to outside itself, in its order. */
    public List<Persistent> references() {
        return references;
    }

    /**
     * Reads one pickle up to its end.
     *
     * @throws RuntimeException as made by the {@link Faults}, if it is malformed, ends too early or exceeds a limit; gives the offset
     */
    public PickleValue read() {
        stack.clear();
        marks.clear();
        memo.clear();
        references.clear();
        values = 0;
        while (true) {
            opcodeAt = at;
            int opcode = unsignedByte();
            if (opcode == '.') {
                PickleValue result = pop();
                if (!stack.isEmpty() || !marks.isEmpty()) {
                    throw bad("one value at the end of the pickle", (stack.size() + 1) + " values and " + marks.size() + " marks");
                }
                return result;
            }
            step(opcode);
        }
    }

    private void step(int opcode) {
        switch (opcode) {
            // protocol and framing
            case 0x80 -> {
                int version = unsignedByte();
                if (version > 5) {
                    throw bad("a pickle of protocol 0 to 5", "protocol " + version);
                }
            }
            case 0x95 -> require(int64(), "frame");
            // constants
            case 'N' -> push(None.NONE);
            case 0x88 -> push(new Bool(true));
            case 0x89 -> push(new Bool(false));
            case 'I' -> push(decimalOrBool(line()));
            case 'J' -> push(integer(int32()));
            case 'K' -> push(integer(unsignedByte()));
            case 'M' -> push(integer(uint16()));
            case 'L' -> push(decimal(line().replaceFirst("L$", "")));
            case 0x8a -> push(littleEndian(unsignedByte()));
            case 0x8b -> push(littleEndian(int32()));
            case 'F' -> push(real(line()));
            case 'G' -> push(new Real(data.get(DOUBLE, advance(Double.BYTES))));
            // text and bytes
            case 'S' -> push(new Bytes(MemorySegment.ofArray(unquote(line()))));
            case 'T' -> push(new Bytes(slice(int32())));
            case 'U', 'C' -> push(new Bytes(slice(unsignedByte())));
            case 'B' -> push(new Bytes(slice(uint32())));
            case 0x8e, 0x96 -> push(new Bytes(slice(int64())));
            case 'V' -> push(new Text(line()));
            case 0x8c -> push(text(unsignedByte()));
            case 'X' -> push(text(uint32()));
            case 0x8d -> push(text(int64()));
            // containers
            case ']' -> push(new Sequence(false, new ArrayList<>(0)));
            case 0x8f -> push(new Sequence(false, new ArrayList<>(0)));
            case ')' -> push(new Sequence(true, List.of()));
            case '}' -> push(new Dict());
            case 'l' -> push(new Sequence(false, popMark()));
            case 't' -> push(new Sequence(true, popMark()));
            case 0x91 -> push(new Sequence(false, popMark()));
            case 0x85, 0x86, 0x87 -> push(new Sequence(true, popCount(opcode - 0x84)));
            case 'd' -> {
                Dict dict = new Dict();
                putAll(dict, popMark());
                push(dict);
            }
            case 'a' -> appendAll(popCount(1));
            case 'e', 0x90 -> appendAll(popMark());
            case 's' -> setAll(popCount(2));
            case 'u' -> setAll(popMark());
            // the stack and the memo
            case '(' -> {
                count();
                marks.add(stack.size());
            }
            case '0' -> {
                if (stack.size() == floor() && !marks.isEmpty()) {
                    marks.removeLast();
                } else {
                    pop();
                }
            }
            case '1' -> popMark();
            case '2' -> push(top());
            case 'p' -> remember(index(line()));
            case 'q' -> remember(unsignedByte());
            case 'r' -> remember(uint32());
            case 0x94 -> remember(memo.size());
            case 'g' -> push(recall(index(line())));
            case 'h' -> push(recall(unsignedByte()));
            case 'j' -> push(recall(uint32()));
            // names, calls and objects: recorded, never done
            case 'c' -> push(new Global(line() + '.' + line()));
            case 0x93 -> {
                List<PickleValue> names = popCount(2);
                push(new Global(nameOf(names.get(0)) + '.' + nameOf(names.get(1))));
            }
            case 'R', 0x81 -> {
                List<PickleValue> parts = popCount(2);
                push(new Call(parts.get(0), parts.get(1)));
            }
            case 0x92 -> {
                List<PickleValue> parts = popCount(3);
                push(new Call(parts.get(0), new Sequence(true, parts.subList(1, 3))));
            }
            case 'o' -> {
                List<PickleValue> parts = popMark();
                if (parts.isEmpty()) {
                    throw bad("a class on the stack", "nothing");
                }
                push(new Call(parts.getFirst(), new Sequence(true, parts.subList(1, parts.size()))));
            }
            case 'i' -> push(new Call(new Global(line() + '.' + line()), new Sequence(true, popMark())));
            case 'b' -> build();
            case 'P' -> refer(new Text(line()));
            case 'Q' -> refer(pop());
            case 0x82, 0x83, 0x84 -> throw bad("a pickle without extension codes", "opcode " + opcode);
            case 0x97, 0x98 -> throw bad("a pickle without out-of-band buffers", "opcode " + opcode);
            default -> throw bad("a pickle opcode", "byte " + opcode);
        }
    }

    private void refer(PickleValue id) {
        Persistent reference = new Persistent(id);
        references.add(reference);
        push(reference);
    }

    // ---- effects ------------------------------------------------------------------------------------------------

    private void build() {
        PickleValue state = pop();
        switch (top()) {
            case Call call -> call.state = state;
            case Global _, Dict _, Sequence _ -> { } // attributes of a class or a container: nothing to keep
            default -> throw bad("an object to give a state", "a plain value");
        }
    }

    private void appendAll(List<PickleValue> items) {
        switch (top()) {
            case Sequence list when !list.tuple -> list.items.addAll(items);
            case Call call -> call.append(items);
            default -> throw bad("a list to append to", "something else");
        }
    }

    private void setAll(List<PickleValue> items) {
        switch (top()) {
            case Dict dict -> putAll(dict, items);
            case Call call -> putAll(call.entries, items);
            default -> throw bad("a dictionary to put into", "something else");
        }
    }

    private void putAll(Dict dict, List<PickleValue> items) {
        if (items.size() % 2 != 0) {
            throw bad("keys with values", items.size() + " items");
        }
        for (int i = 0; i < items.size(); i += 2) {
            dict.put(items.get(i), items.get(i + 1));
        }
    }

    // ---- the stack ----------------------------------------------------------------------------------------------

    /** The lowest index of the stack that operations may touch. */
    private int floor() {
        return marks.isEmpty() ? 0 : marks.getLast();
    }

    private void push(PickleValue value) {
        count();
        stack.add(value);
    }

    private void count() {
        if (++values > MAX_VALUES) {
            throw bad("at most " + MAX_VALUES + " values in a pickle", "more");
        }
    }

    private PickleValue top() {
        if (stack.size() <= floor()) {
            throw bad("a value on the stack", "none");
        }
        return stack.getLast();
    }

    private PickleValue pop() {
        PickleValue value = top();
        stack.removeLast();
        return value;
    }

    private List<PickleValue> popCount(int count) {
        if (stack.size() - floor() < count) {
            throw bad(count + " values on the stack", String.valueOf(stack.size() - floor()));
        }
        return cut(stack.size() - count);
    }

    private List<PickleValue> popMark() {
        if (marks.isEmpty()) {
            throw bad("a mark on the stack", "none");
        }
        return cut(marks.removeLast());
    }

    private List<PickleValue> cut(int from) {
        List<PickleValue> tail = stack.subList(from, stack.size());
        List<PickleValue> copy = new ArrayList<>(tail);
        tail.clear();
        return copy;
    }

    private void remember(long index) {
        count();
        memo.put(index, top());
    }

    private PickleValue recall(long index) {
        PickleValue value = memo.get(index);
        if (value == null) {
            throw bad("a value kept under " + index, "none");
        }
        return value;
    }

    private String nameOf(PickleValue value) {
        if (value instanceof Text text) {
            return text.value();
        }
        throw bad("a name as text", "something else");
    }

    // ---- bytes --------------------------------------------------------------------------------------------------

    /** Checks a length and returns where so many bytes begin; the position moves behind them. */
    private long advance(long count) {
        require(count, "value");
        at += count;
        return at - count;
    }

    private void require(long count, String what) {
        if (count < 0 || count > Math.min(data.byteSize() - at, Integer.MAX_VALUE - 8)) {
            throw bad("a " + what + " of at most " + (data.byteSize() - at) + " bytes", "a length of "
                    + Long.toUnsignedString(count));
        }
    }

    private int unsignedByte() {
        if (at >= data.byteSize()) {
            throw bad("the pickle to go on", "its end");
        }
        return Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, at++));
    }

    private int uint16() {
        return Short.toUnsignedInt(data.get(SHORT, advance(Short.BYTES)));
    }

    private int int32() {
        return data.get(INT, advance(Integer.BYTES));
    }

    private long uint32() {
        return Integer.toUnsignedLong(int32());
    }

    private long int64() {
        return data.get(LONG, advance(Long.BYTES));
    }

    private MemorySegment slice(long count) {
        return data.asSlice(advance(count), count);
    }

    private byte[] bytes(long count) {
        return slice(count).toArray(ValueLayout.JAVA_BYTE);
    }

    private Text text(long count) {
        return new Text(new String(bytes(count), StandardCharsets.UTF_8));
    }

    /** Up to the next line feed, which is skipped. */
    private String line() {
        long start = at;
        while (unsignedByte() != '\n') {
            // look on
        }
        long count = at - 1 - start;
        at = start;
        String line = new String(bytes(count), StandardCharsets.UTF_8);
        at++;
        return line;
    }

    private static Int integer(long value) {
        return new Int(BigInteger.valueOf(value));
    }

    private PickleValue decimalOrBool(String line) {
        return switch (line) {
            case "00" -> new Bool(false);
            case "01" -> new Bool(true);
            default -> decimal(line);
        };
    }

    private Int decimal(String line) {
        if (line.length() > MAX_DIGITS || !line.matches("[+-]?[0-9]+")) {
            throw bad("a whole number of at most " + MAX_DIGITS + " digits", "'" + line + "'");
        }
        return new Int(new BigInteger(line));
    }

    private Int littleEndian(int count) {
        if (count > MAX_DIGITS) {
            throw bad("a whole number of at most " + MAX_DIGITS + " bytes", count + " bytes");
        }
        byte[] bytes = bytes(count);
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new Int(bytes.length == 0 ? BigInteger.ZERO : new BigInteger(reversed));
    }

    private long index(String line) {
        if (!line.matches("[0-9]{1,18}")) {
            throw bad("the number of a kept value", "'" + line + "'");
        }
        return Long.parseLong(line);
    }

    private Real real(String line) {
        try {
            return new Real(Double.parseDouble(line.replace("inf", "Infinity").replace("nan", "NaN")));
        } catch (NumberFormatException e) {
            throw bad("a number", "'" + line + "'");
        }
    }

    private byte[] unquote(String line) {
        int last = line.length() - 1;
        if (last < 1 || line.charAt(0) != line.charAt(last) || (line.charAt(0) != '\'' && line.charAt(0) != '"')) {
            throw bad("a quoted string", "'" + line + "'");
        }
        return line.substring(1, last).getBytes(StandardCharsets.ISO_8859_1);
    }

    private RuntimeException bad(String expected, String found) {
        return faults.at(base + opcodeAt, expected, found);
    }
}
