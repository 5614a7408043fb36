package dev.itprompt.pickle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle says, as inert data. Nothing here does anything: a class or function is its {@link Global name}, and a call is a
 * {@link Call record of what would have been called}. Whoever reads a pickle decides which calls it understands.
 *
 * <p>Containers are compared by identity and may contain themselves.
 */
public sealed interface PickleValue {

    /** Python's None. */
    record None() implements PickleValue {
        public static final None NONE = new None();
    }

    record Bool(boolean value) implements PickleValue {}

    record Int(BigInteger value) implements PickleValue {}

    record Real(double value) implements PickleValue {}

    record Text(String value) implements PickleValue {}

    /** Bytes, or text of Python 2; a part of what was read, good as long as that is. */
    record Bytes(MemorySegment data) implements PickleValue {

        /** A copy. */
        public byte[] value() {
            return data.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** A class or function by its module and name, joined by a dot; never looked up. */
    record Global(String path) implements PickleValue {}

    /** Something kept outside the pickle, such as a tensor's storage. */
    record Persistent(PickleValue id) implements PickleValue {}

    /** A list, tuple or set. */
    final class Sequence implements PickleValue {
        public final boolean tuple;
        public final List<PickleValue> items;

        public Sequence(boolean tuple, List<PickleValue> items) {
            this.tuple = tuple;
            this.items = items;
        }
    }

    /** A dictionary: keys and values in the order they were set. */
    final class Dict implements PickleValue {
        public List<PickleValue> keys = List.of();
        public List<PickleValue> values = List.of();

        public void put(PickleValue key, PickleValue value) {
            if (keys.isEmpty()) { // most dictionaries of a hostile pickle are
                keys = new ArrayList<>();
                values = new ArrayList<>();
            }
            keys.add(key);
            values.add(value);
        }

        /** The value of the last entry with a text key, or null. */
        public PickleValue get(String key) {
            for (int i = keys.size() - 1; i >= 0; i--) {
                if (keys.get(i) instanceof Text text && text.value().equals(key)) {
                    return values.get(i);
                }
            }
            return null;
        }
    }

    /** An object that a call would have made, and what was put into it afterwards. */
    final class Call implements PickleValue {
        public final PickleValue callee;
        public final PickleValue arguments;
        public final Dict entries = new Dict();
        public List<PickleValue> items = List.of();
        public PickleValue state = None.NONE;

        public Call(PickleValue callee, PickleValue arguments) {
            this.callee = callee;
            this.arguments = arguments;
        }

        public void append(List<PickleValue> more) {
            if (items.isEmpty()) {
                items = new ArrayList<>();
            }
            items.addAll(more);
        }

        /** The callee's full name; empty if it is no plain name. */
        public String path() {
            return callee instanceof Global global ? global.path() : "";
        }

        /** Argument number {@code i}, or None. */
        public PickleValue argument(int i) {
            return arguments instanceof Sequence s && i < s.items.size() ? s.items.get(i) : None.NONE;
        }
    }
}
