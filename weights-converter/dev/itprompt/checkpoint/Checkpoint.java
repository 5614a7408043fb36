package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An opened checkpoint: its tensors by name, none of them read yet. What kind of file it is follows from its content, never
 * from its name. Immutable; may be used by several threads.
 *
 * <p>Names of nested dictionaries and modules are joined by dots, such as {@code teacher.backbone.cls_token}.
 */
public final class Checkpoint {

    private final List<Path> files;
    private final Container container;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> metadata;
    private final Map<String, String> others;

    /**
     * @param files     what was read, shards in order
     * @param tensors   by name, in the order of the file
     * @param metadata  free-form text pairs that the format keeps beside the tensors
     * @param others    what else is there, by name, described in a few words
     */
    Checkpoint(List<Path> files, Container container, LinkedHashMap<String, StoredTensor> tensors, Map<String, String> metadata,
            Map<String, String> others) {
        this.files = files;
        this.container = container;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
        this.others = Collections.unmodifiableMap(others);
    }

    /** File formats. */
    public enum Container {
        SAFETENSORS("safetensors"),
        SHARDED("sharded checkpoint"),
        TORCH("PyTorch zip"),
        TORCH_LEGACY("PyTorch legacy stream"),
        TORCHSCRIPT("TorchScript archive"),
        NPZ("NumPy archive (npz)"),
        NPY("NumPy array (npy)");

        private final String text;

        Container(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Opens a file, or the weights in a folder such as Hugging Face's. Reads only what says where the tensors are.
     *
     * @throws CheckpointException if there is none, or it is of no known kind or damaged; says where
     */
    public static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            return open(weightsIn(path));
        }
        return read(MappedFile.open(path));
    }

    /** As {@link #open}, from bytes that are mapped already. */
    static Checkpoint read(MappedFile file) {
        if (file.startsWith('P', 'K', 3, 4) || file.startsWith('P', 'K', 5, 6)) {
            ZipArchive zip = ZipArchive.open(file);
            return TorchZip.accepts(zip) ? TorchZip.read(file, zip) : NumpyFile.readArchive(file, zip);
        }
        if (TorchLegacy.accepts(file)) {
            return TorchLegacy.read(file);
        }
        if (NumpyFile.accepts(file)) {
            return NumpyFile.read(file);
        }
        if (ShardIndex.accepts(file)) {
            return ShardIndex.read(file);
        }
        refuseOthers(file);
        return SafeTensors.read(file);
    }

    private static final List<String> WEIGHTS = List.of("model.safetensors", "model.safetensors.index.json",
            "open_clip_model.safetensors", "pytorch_model.bin", "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin");

    /** The weights of a folder. */
    private static Path weightsIn(Path folder) {
        return WEIGHTS.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst().orElseThrow(() ->
                new CheckpointException(folder, null, "a file of weights in the folder", "none of " + String.join(", ", WEIGHTS),
                        "name the file itself"));
    }

    /** Says what a file is that looks like something else than weights. */
    private static void refuseOthers(MappedFile file) {
        if (SafeTensorsHeader.plausible(file)) {
            return; // its length may begin with any bytes
        }
        String kind = file.startsWith(0x1f, 0x8b) ? "a gzip file" : file.startsWith('<') ? "a web page"
                : file.startsWith('v', 'e', 'r', 's', 'i', 'o', 'n', ' ', 'h', 't', 't', 'p') ? "a Git LFS pointer"
                : file.startsWith(0x89, 'H', 'D', 'F') ? "an HDF5 file" : file.startsWith('G', 'G', 'U', 'F') ? "a GGUF file"
                : file.startsWith(0x80) && file.size() > 1 && file.unsignedByte(1) <= 5 ? "a Python pickle that is no PyTorch checkpoint" : null;
        if (kind != null) {
            throw CheckpointException.unsupported(file.path(), 0, null, "a checkpoint (safetensors, PyTorch, TorchScript, npz, npy)",
                    kind, "fetch the file itself, unpacked");
        }
    }

    /** The file; of a sharded checkpoint the first one. */
    public Path file() {
        return files.getFirst();
    }

    /** The folder it lies in. */
    Path folder() {
        return file().toAbsolutePath().getParent();
    }

    /** All files, shards in the order of their names. */
    public List<Path> files() {
        return files;
    }

    public Container container() {
        return container;
    }

    /** Tensors by name, in the order of the file. */
    public Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /**
     * A tensor.
     *
     * @throws CheckpointException if there is none of that name
     */
    public StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException(file(), name, "a tensor of that name", tensors.size() + " others",
                    "check that the checkpoint belongs to this model");
        }
        return tensor;
    }

    /** The free-form text pairs of a safetensors header; empty for other formats. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** What is there beside dense tensors, by name: numbers, texts, objects, tensors of kinds that are not read. */
    public Map<String, String> others() {
        return others;
    }

    /** A text among the {@link #others}, such as the name of an architecture. */
    Optional<String> text(String name) {
        String found = others.getOrDefault(name, "");
        boolean text = found.length() > 2 && found.startsWith("'") && found.endsWith("'");
        return text ? Optional.of(found.substring(1, found.length() - 1)) : Optional.empty();
    }

    /** Bytes of all files. */
    public long bytes() {
        try {
            long sum = 0;
            for (Path file : files) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SHA-256 of the file as hexadecimal digits; of shards, of all of them one after the other. Reads everything. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[1 << 18];
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int n = in.read(block); n > 0; n = in.read(block)) {
                        digest.update(block, 0, n);
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Sees that processes which work together read the same checkpoint.
     *
     * @param wanted SHA-256 of the one that has to be found
     * @param found  that of this process
     * @throws InputException if they differ
     */
    public static void requireSame(String wanted, String found) {
        if (!found.equals(wanted)) {
            throw new InputException("checkpoint: expected the model with sha256 " + wanted + ", found another, " + found
                    + "; all processes have to read the same file");
        }
    }
}
