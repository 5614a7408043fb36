package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.Checkpoint.Container;
import dev.itprompt.pickle.PickleReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's zip format (since 1.6) and TorchScript archives: {@code <root>/data.pkl} describes the tensors, and
 * {@code <root>/data/<key>} holds the bytes of each storage. The code in a TorchScript archive is not looked at; its module
 * objects are bags of attributes like every other object.
 */
final class TorchZip {

    private static final String PICKLE = "/data.pkl";

    private TorchZip() {}

    static boolean accepts(ZipArchive zip) {
        return root(zip) != null;
    }

    /** The folder that everything lies in, or null. */
    private static String root(ZipArchive zip) {
        return zip.members().stream().map(ZipArchive.Member::name)
                .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length())
                .map(name -> name.substring(0, name.length() - PICKLE.length())).findFirst().orElse(null);
    }

    static Checkpoint read(MappedFile file, ZipArchive zip) {
        String root = root(zip);
        ZipArchive.Member order = zip.find(root + "/byteorder");
        if (order != null) {
            String text = StandardCharsets.US_ASCII.decode(zip.head(order, 16).asByteBuffer()).toString();
            if (!text.strip().equals("little")) {
                throw CheckpointException.unsupported(file.path(), order.header(), null, "little-endian data", "'" + text + "'",
                        "save it again on a little-endian machine");
            }
        }
        ZipArchive.Member pickle = zip.find(root + PICKLE);
        MemorySegment content = zip.read(pickle);
        long position = Math.max(pickle.header(), zip.position(pickle));
        PickleReader reader = new PickleReader(position, content, CheckpointException.faults(file.path()));
        Map<String, Storage> storages = new HashMap<>();
        PickledTensors found = new PickledTensors(file, position, content.byteSize(),
                (key, _) -> storages.computeIfAbsent(key, k -> storage(zip, root + "/data/" + k))).collect(reader.read());
        boolean script = zip.find(root + "/constants.pkl") != null;
        return new Checkpoint(List.of(file.path()), script ? Container.TORCHSCRIPT : Container.TORCH, found.tensors(), Map.of(),
                found.others());
    }

    private static Storage storage(ZipArchive zip, String name) {
        ZipArchive.Member member = zip.find(name);
        return member == null ? null : new Storage(member.size(), zip.position(member), () -> zip.read(member));
    }
}
