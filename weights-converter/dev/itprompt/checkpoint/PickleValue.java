package dev.itprompt.checkpoint;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle says, as inert data. Nothing here does anything: a class or function is its {@link Global name}, and a call is a
 * {@link Call record of what would have been called}. Whoever reads a pickle decides which calls it understands.
 *
 * <p>Containers are compared by identity and may contain themselves.
 */
sealed interface PickleValue {

    /** Python's None. */
    record None() implements PickleValue {
        static final None NONE = new None();
    }

    record Bool(boolean value) implements PickleValue {}

    record Int(BigInteger value) implements PickleValue {}

    record Real(double value) implements PickleValue {}

    record Text(String value) implements PickleValue {}

    record Bytes(byte[] value) implements PickleValue {}

    /** A class or function by its module and name, joined by a dot; never looked up. */
    record Global(String path) implements PickleValue {}

    /** Something kept outside the pickle, such as a tensor's storage. */
    record Persistent(PickleValue id) implements PickleValue {}

    /** A list, tuple or set. */
    final class Sequence implements PickleValue {
        final boolean tuple;
        final List<PickleValue> items;

        Sequence(boolean tuple, List<PickleValue> items) {
            this.tuple = tuple;
            this.items = items;
        }
    }

    /** A dictionary: keys and values in the order they were set. */
    final class Dict implements PickleValue {
        List<PickleValue> keys = List.of();
        List<PickleValue> values = List.of();

        void put(PickleValue key, PickleValue value) {
            if (keys.isEmpty()) { // most dictionaries of a hostile pickle are
                keys = new ArrayList<>();
                values = new ArrayList<>();
            }
            keys.add(key);
            values.add(value);
        }

        /** The value of the last entry with a text key, or null. */
        PickleValue get(String key) {
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
        final PickleValue callee;
        final PickleValue arguments;
        final Dict entries = new Dict();
        List<PickleValue> items = List.of();
        PickleValue state = None.NONE;

        Call(PickleValue callee, PickleValue arguments) {
            this.callee = callee;
            this.arguments = arguments;
        }

        void append(List<PickleValue> more) {
            if (items.isEmpty()) {
                items = new ArrayList<>();
            }
            items.addAll(more);
        }

        /** The callee's full name; empty if it is no plain name. */
        String path() {
            return callee instanceof Global global ? global.path() : "";
        }

        /** Argument number {@code i}, or None. */
        PickleValue argument(int i) {
            return arguments instanceof Sequence s && i < s.items.size() ? s.items.get(i) : None.NONE;
        }
    }
}
