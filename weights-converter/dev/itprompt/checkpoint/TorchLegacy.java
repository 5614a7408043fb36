package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.Checkpoint.Container;
import dev.itprompt.pickle.PickleReader;
import dev.itprompt.pickle.PickleValue;
import dev.itprompt.pickle.PickleValue.Bool;
import dev.itprompt.pickle.PickleValue.Dict;
import dev.itprompt.pickle.PickleValue.Global;
import dev.itprompt.pickle.PickleValue.Int;
import dev.itprompt.pickle.PickleValue.Persistent;
import dev.itprompt.pickle.PickleValue.Sequence;
import dev.itprompt.pickle.PickleValue.Text;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's format before 1.6: pickles of a magic number, the protocol 1001, facts about the machine, the objects and the keys
 * of the storages; then for each key the number of elements in eight bytes and the elements.
 */
final class TorchLegacy {

    private static final int[] MAGIC = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
    private static final BigInteger PROTOCOL = BigInteger.valueOf(1001);

    private TorchLegacy() {}

    static boolean accepts(MappedFile file) {
        return file.startsWith(MAGIC);
    }

    static Checkpoint read(MappedFile file) {
        PickleReader reader = new PickleReader(0, file.content(), CheckpointException.faults(file.path()));
        reader.read();
        PickleValue protocol = reader.read();
        if (!(protocol instanceof Int(BigInteger version)) || !version.equals(PROTOCOL)) {
            throw CheckpointException.damaged(file.path(), MAGIC.length + 1, "protocol " + PROTOCOL, "another");
        }
        long facts = reader.position();
        if (reader.read() instanceof Dict dict && dict.get("little_endian") instanceof Bool(boolean little) && !little) {
            throw CheckpointException.unsupported(file.path(), facts, null, "little-endian data", "big-endian data",
                    "save it again on a little-endian machine");
        }
        long position = reader.position();
        PickleValue objects = reader.read();
        List<Persistent> references = List.copyOf(reader.references());
        long keysAt = reader.position();
        if (!(reader.read() instanceof Sequence keys)) {
            throw CheckpointException.damaged(file.path(), keysAt, "a list of storage keys", "something else");
        }
        Map<String, Storage> storages = place(file, keysAt, keys, elementBytes(references), reader.position());
        PickledTensors found = new PickledTensors(file, position, keysAt - position, (key, id) -> view(file, storages.get(key), id))
                .collect(objects);
        return new Checkpoint(List.of(file.path()), Container.TORCH_LEGACY, found.tensors(), Map.of(), found.others());
    }

    /** Bytes of an element by storage key, as the references say. */
    private static Map<String, Integer> elementBytes(List<Persistent> references) {
        Map<String, Integer> bytes = new HashMap<>();
        for (Persistent reference : references) {
            if (reference.id() instanceof Sequence id && id.items.size() > 2 && id.items.get(2) instanceof Text(String key)) {
                bytes.put(key, elementBytes(id));
            }
        }
        return bytes;
    }

    private static int elementBytes(Sequence id) {
        return switch (id.items.get(1) instanceof Global type ? type.path() : "") {
            case "torch.DoubleStorage", "torch.LongStorage", "torch.ComplexFloatStorage" -> 8;
            case "torch.ComplexDoubleStorage" -> 16;
            case "torch.FloatStorage", "torch.IntStorage", "torch.QInt32Storage" -> 4;
            case "torch.HalfStorage", "torch.BFloat16Storage", "torch.ShortStorage" -> 2;
            default -> 1;
        };
    }

    /** The storages follow the pickles in the order of the keys, each behind its number of elements. */
    private static Map<String, Storage> place(MappedFile file, long keysAt, Sequence keys, Map<String, Integer> elementBytes,
            long start) {
        Map<String, Storage> storages = new HashMap<>();
        long at = start;
        for (PickleValue key : keys.items) {
            if (!(key instanceof Text(String name)) || !elementBytes.containsKey(name) || storages.containsKey(name)) {
                throw CheckpointException.damaged(file.path(), keysAt, "keys of the storages in use, each once", "another key");
            }
            int size = elementBytes.get(name);
            long count = at > file.size() - Long.BYTES ? -1 : file.int64(at);
            if (count < 0 || count > (file.size() - at - Long.BYTES) / size) {
                throw CheckpointException.damaged(file.path(), Math.min(at, file.size()), "storage '" + name + "' within the file",
                        count < 0 ? "its end" : count + " elements");
            }
            long position = at + Long.BYTES;
            long bytes = count * size;
            storages.put(name, new Storage(bytes, position, () -> file.content().asSlice(position, bytes)));
            at = position + bytes;
        }
        return storages;
    }

    /** A storage, or the part of it that a reference names: its last field is None or (key, first element, elements). */
    private static Storage view(MappedFile file, Storage whole, Sequence id) {
        if (whole == null || id.items.size() < 6 || !(id.items.get(5) instanceof Sequence part)) {
            return whole;
        }
        long size = elementBytes(id);
        if (part.items.size() == 3 && part.items.get(1) instanceof Int(BigInteger first)
                && part.items.get(2) instanceof Int(BigInteger count) && first.signum() >= 0 && count.signum() >= 0
                && first.add(count).compareTo(BigInteger.valueOf(whole.bytes() / size)) <= 0) {
            long position = whole.position() + first.longValue() * size;
            long bytes = count.longValue() * size;
            return new Storage(bytes, position, () -> file.content().asSlice(position, bytes));
        }
        throw CheckpointException.damaged(file.path(), whole.position(), "a view within its storage", "another");
    }
}
