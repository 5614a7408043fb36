package dev.itprompt.checkpoint;

import dev.itprompt.Excerpt;
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
import dev.itprompt.pickle.PickleValue;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the tensors in what a PyTorch pickle says. Dictionaries, lists and objects are walked, their keys and attributes joined
 * by dots; of the calls in a pickle only those that make tensors, parameters and NumPy arrays are understood, every other object
 * is a bag of attributes. Depth, length of names and the work as a whole are limited, so that containers that contain themselves
 * or each other many times cost no more than an error.
 */
final class PickledTensors {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_OTHERS = 1000;
    /** What the walk may cost, in characters that are copied: a constant, and so much a byte of the pickle. */
    private static final long MIN_BUDGET = 1 << 20;
    private static final int BUDGET = 16;
    /** What a step and a name cost beside the characters, for what is allocated with them. */
    private static final int STEP = 8;
    private static final int NAME = 512;

    /** The attributes in which {@code torch.nn.Module} keeps its parts; they are no part of a name. */
    private static final Set<String> MODULE_PARTS = Set.of("_parameters", "_buffers", "_modules");
    private static final Set<String> REBUILD = Set.of("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor",
            "torch._utils._rebuild_tensor_v3");
    private static final Set<String> ARRAY = Set.of("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct");
    private static final Set<String> WRAPPED = Set.of("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state");

    /** Gives the bytes that a persistent id names. */
    @FunctionalInterface
    interface Storages {
        /**
         * @param key  the storage's name in the checkpoint
         * @param id   the whole persistent id
         * @return the storage, or null if there is none of that name
         */
        Storage find(String key, Sequence id);
    }

    private final MappedFile file;
    private final long position;
    private final Storages storages;
    private final LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final LinkedHashMap<String, String> others = new LinkedHashMap<>();
    private long budget;
    private int depth;

    /**
     * @param position of the pickle in the file, for messages
     * @param bytes    of the pickle
     */
    PickledTensors(MappedFile file, long position, long bytes, Storages storages) {
        this.file = file;
        this.position = position;
        this.storages = storages;
        this.budget = MIN_BUDGET + BUDGET * bytes;
    }

    /** Tensors by name. */
    LinkedHashMap<String, StoredTensor> tensors() {
        return tensors;
    }

    /** What else there is, in a few words. */
    LinkedHashMap<String, String> others() {
        return others;
    }

    /** Walks everything below a pickle's value. */
    PickledTensors collect(PickleValue root) {
        walk(null, root);
        return this;
    }

    /** Where the walk is; names are only put together for what is kept. */
    private record Place(Place parent, String key) {}

    private void walk(Place place, PickleValue value) {
        spend(place, STEP);
        if (++depth > MAX_DEPTH) {
            throw bad(place, "containers and calls nested at most " + MAX_DEPTH + " deep", "more");
        }
        switch (value) {
            case Dict dict -> walkEntries(place, dict, false);
            case Sequence list -> walkItems(place, list.items);
            case Call call -> walkCall(place, call);
            default -> other(place, value);
        }
        depth--;
    }

    private void spend(Place place, long cost) {
        budget -= cost;
        if (budget < 0) {
            throw bad(place, "few shared containers and names", "too many of them");
        }
    }

    private void walkItems(Place place, List<PickleValue> items) {
        for (int i = 0; i < items.size(); i++) {
            walk(new Place(place, Integer.toString(i)), items.get(i));
        }
    }

    /** A key that is set twice counts once, with its last value, as in Python. */
    private void walkEntries(Place place, Dict dict, boolean attributes) {
        if (dict.keys.isEmpty()) {
            return;
        }
        spend(place, dict.keys.size());
        Map<String, PickleValue> last = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys.size(); i++) {
            last.put(key(place, dict.keys.get(i), i), dict.values.get(i));
        }
        last.forEach((key, value) -> walk(attributes && MODULE_PARTS.contains(key) ? place : new Place(place, key), value));
    }

    private void walkCall(Place place, Call call) {
        String path = call.path();
        if (REBUILD.contains(path)) {
            tensor(place, call);
        } else if (WRAPPED.contains(path)) {
            walk(place, call.argument(0));
        } else if (path.equals("torch._tensor._rebuild_from_type_v2")) {
            walk(place, new Call(call.argument(0), call.argument(2)));
        } else if (ARRAY.contains(path)) {
            array(place, call);
        } else {
            int before = tensors.size();
            walkEntries(place, call.entries, false);
            walkItems(place, call.items);
            if (path.equals("collections.OrderedDict")) {
                pairs(place, call.argument(0));
            } else if (call.state instanceof Dict attributes) {
                walkEntries(place, attributes, true);
            } else if (call.state instanceof Sequence parts) {
                parts.items.forEach(part -> walk(place, part));
            }
            if (tensors.size() == before && call.entries.keys.isEmpty()) {
                other(place, call);
            }
        }
    }

    /** The entries of an ordered dictionary as Python 2 wrote them: a list of pairs. */
    private void pairs(Place place, PickleValue list) {
        if (list instanceof Sequence items) {
            spend(place, items.items.size());
            Dict dict = new Dict();
            for (PickleValue item : items.items) {
                if (item instanceof Sequence pair && pair.items.size() == 2) {
                    dict.put(pair.items.get(0), pair.items.get(1));
                }
            }
            walkEntries(place, dict, false);
        }
    }

    // ---- leaves -------------------------------------------------------------------------------------------------

    /** torch: (storage, offset, size, stride, requires_grad, hooks[, dtype, ...]). */
    private void tensor(Place place, Call call) {
        String name = name(place);
        if (!(call.argument(0) instanceof Persistent reference) || !(reference.id() instanceof Sequence id)
                || id.items.size() < 5 || !(id.items.get(2) instanceof Text key)) {
            throw bad(place, "a tensor's storage", "something else");
        }
        String kind = call.argument(6) instanceof Global dtype ? dtype.path() : id.items.get(1) instanceof Global g ? g.path() : "?";
        ElementType type = torchType(kind);
        if (type == null) {
            other(place, "tensor of " + brief(kind));
            return;
        }
        Storage storage = storages.find(key.value(), id);
        if (storage == null) {
            throw bad(place, "the data of storage '" + key.value() + "'", "none");
        }
        List<Long> shape = longs(place, call.argument(2));
        long[] strides = longs(place, call.argument(3)).stream().mapToLong(Long::longValue).toArray();
        add(place, StoredTensor.of(file, name, type, shape, strides, storage, asLong(place, call.argument(1))));
    }

    private static ElementType torchType(String kind) {
        return switch (kind) {
            case "torch.FloatStorage", "torch.float32" -> ElementType.F32;
            case "torch.HalfStorage", "torch.float16" -> ElementType.F16;
            case "torch.BFloat16Storage", "torch.bfloat16" -> ElementType.BF16;
            case "torch.DoubleStorage", "torch.float64" -> ElementType.F64;
            case "torch.LongStorage", "torch.int64" -> ElementType.I64;
            case "torch.IntStorage", "torch.int32" -> ElementType.I32;
            case "torch.ShortStorage", "torch.int16" -> ElementType.I16;
            case "torch.CharStorage", "torch.int8" -> ElementType.I8;
            case "torch.ByteStorage", "torch.uint8" -> ElementType.U8;
            case "torch.BoolStorage", "torch.bool" -> ElementType.BOOL;
            case "torch.uint16" -> ElementType.U16;
            case "torch.uint32" -> ElementType.U32;
            case "torch.uint64" -> ElementType.U64;
            default -> null;
        };
    }

    /** NumPy: the state is (version, shape, dtype, whether column-major, data). */
    private void array(Place place, Call call) {
        List<PickleValue> parts = call.state instanceof Sequence state ? state.items : List.of();
        byte[] data = parts.size() < 5 ? null : bytes(place, parts.get(4));
        ElementType type = parts.size() < 5 || !(parts.get(2) instanceof Call dtype) ? null : numpyType(dtype);
        if (data == null || type == null) {
            other(place, "NumPy data of a kind that is not read");
            return;
        }
        List<Long> shape = longs(place, parts.get(1));
        long[] strides = parts.get(3) instanceof Bool(boolean columns) && columns ? NumpyFile.columnMajor(shape) : null;
        Storage storage = new Storage(data.length, -1, () -> MemorySegment.ofArray(data));
        add(place, StoredTensor.of(file, name(place), type, shape, strides, storage, 0));
    }

    private static ElementType numpyType(Call dtype) {
        String order = dtype.state instanceof Sequence state && state.items.size() > 1 && state.items.get(1) instanceof Text text
                ? text.value() : "|";
        return dtype.path().equals("numpy.dtype") && dtype.argument(0) instanceof Text kind
                ? NumpyFile.type(order + kind.value()) : null;
    }

    /** Bytes, also as Python 3 writes them for protocol 2: text to be encoded as Latin-1. */
    private byte[] bytes(Place place, PickleValue value) {
        return switch (value) {
            case Bytes bytes -> bytes.value();
            case Call call when call.path().equals("_codecs.encode") && call.argument(0) instanceof Text text -> {
                spend(place, text.value().length());
                yield text.value().getBytes(StandardCharsets.ISO_8859_1);
            }
            default -> null;
        };
    }

    private void add(Place place, StoredTensor tensor) {
        if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
            throw bad(place, "tensors of different names", "'" + tensor.name() + "' twice");
        }
    }

    private void other(Place place, PickleValue value) {
        if (others.size() >= MAX_OTHERS) {
            return;
        }
        other(place, switch (value) {
            case None _ -> "None";
            case Bool(boolean b) -> b ? "True" : "False";
            case Int(BigInteger i) -> i.bitLength() < 64 ? i.toString() : "a number of " + i.bitLength() + " bits";
            case Real(double d) -> Double.toString(d);
            case Text(String text) -> "'" + brief(text) + "'";
            case Bytes bytes -> bytes.data().byteSize() + " bytes";
            case Global global -> brief(global.path());
            case Persistent _ -> "a storage";
            case Call call -> call.path().isEmpty() ? "an object" : "object of " + brief(call.path()
                    .equals("copyreg._reconstructor") && call.argument(0) instanceof Global type ? type.path() : call.path());
            case Sequence s -> s.items.size() + " items";
            case Dict d -> d.keys.size() + " entries";
        });
    }

    private void other(Place place, String description) {
        if (others.size() < MAX_OTHERS) {
            others.put(name(place), description);
        }
    }

    private static String brief(String text) {
        return Excerpt.of(text, 60);
    }

    // ---- names and numbers ----------------------------------------------------------------------------------------

    private String key(Place place, PickleValue key, int index) {
        return switch (key) {
            case Text(String text) -> text;
            case Bytes bytes -> {
                spend(place, bytes.data().byteSize());
                yield new String(bytes.value(), StandardCharsets.ISO_8859_1);
            }
            case Int(BigInteger number) when number.bitLength() < 64 -> number.toString();
            default -> "[" + index + "]";
        };
    }

    private String name(Place place) {
        List<String> keys = new ArrayList<>();
        long length = 0;
        for (Place p = place; p != null; p = p.parent) {
            keys.add(p.key);
            length += p.key.length() + 1;
        }
        if (length > StoredTensor.MAX_NAME) {
            throw bad(null, "names of at most " + StoredTensor.MAX_NAME + " characters", "one of " + length);
        }
        spend(place, NAME + length);
        return String.join(".", keys.reversed());
    }

    private List<Long> longs(Place place, PickleValue value) {
        PickleValue numbers = value instanceof Call call && call.path().equals("torch.Size") ? call.argument(0) : value;
        if (!(numbers instanceof Sequence list) || list.items.size() > StoredTensor.MAX_RANK) {
            throw bad(place, "a tuple of at most " + StoredTensor.MAX_RANK + " whole numbers", "something else");
        }
        List<Long> result = new ArrayList<>();
        for (PickleValue item : list.items) {
            result.add(asLong(place, item));
        }
        return result;
    }

    private long asLong(Place place, PickleValue value) {
        if (value instanceof Int(BigInteger number) && number.bitLength() < 64) {
            return number.longValue();
        }
        throw bad(place, "a whole number below 2^63", "something else");
    }

    private CheckpointException bad(Place place, String expected, String found) {
        String name = place == null ? null : place.key.substring(0, Math.min(60, place.key.length()));
        return CheckpointException.damaged(file.path(), position, name, expected, found);
    }
}
