package dev.itprompt.checkpoint;

import dev.itprompt.Reason;
import dev.itprompt.checkpoint.Checkpoint.Container;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The index of a checkpoint in several files, as Hugging Face writes it: {@code {"weight_map": {tensor: file, ...}}}. */
final class ShardIndex {

    private static final int MAX_BYTES = JsonFile.MAX_BYTES;

    private ShardIndex() {}

    /**
     * An index begins with a brace, perhaps behind a byte-order mark; a safetensors file would need a header of 123 bytes and a
     * file that says so.
     */
    static boolean accepts(MappedFile file) {
        return !SafeTensorsHeader.plausible(file) && JsonFile.begins(file.bytes(0, (int) Math.min(file.size(), 64)));
    }

    static Checkpoint read(MappedFile index) {
        Map<String, String> map = weightMap(index);
        Map<String, Checkpoint> shards = new TreeMap<>();
        for (String name : map.values()) {
            if (!name.matches("[^/\\\\:\\p{IsControl}\\p{Cs}]+") || name.contains("..")) {
                throw CheckpointException.damaged(index.path(), 0, "shards as files of the index's folder", "'" + name + "'");
            }
            shards.computeIfAbsent(name, n -> openShard(index.path().resolveSibling(n)));
        }
        LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        map.forEach((tensor, shard) -> tensors.put(tensor, shards.get(shard).tensor(tensor)));
        LinkedHashMap<String, String> metadata = new LinkedHashMap<>();
        LinkedHashMap<String, String> others = new LinkedHashMap<>();
        shards.values().forEach(shard -> {
            metadata.putAll(shard.metadata());
            others.putAll(shard.others());
        });
        List<Path> files = shards.values().stream().map(Checkpoint::file).toList();
        return new Checkpoint(files, Container.SHARDED, tensors, metadata, others);
    }

    private static Checkpoint openShard(Path file) {
        MappedFile mapped = MappedFile.open(file);
        if (accepts(mapped)) {
            throw CheckpointException.damaged(file, 0, "a shard", "another index");
        }
        return Checkpoint.open(file);
    }

    private static Map<String, String> weightMap(MappedFile index) {
        if (index.size() > MAX_BYTES) {
            throw CheckpointException.damaged(index.path(), 0, "an index of at most " + MAX_BYTES + " bytes", index.size() + " bytes");
        }
        try {
            JsonNode map = JsonMapper.shared().readTree(index.bytes(0, (int) index.size())).path("weight_map");
            LinkedHashMap<String, String> result = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : map.properties()) {
                result.put(entry.getKey(), entry.getValue().asString(""));
            }
            if (result.isEmpty()) {
                throw CheckpointException.damaged(index.path(), 0, "a weight_map from tensors to files", "none");
            }
            return result;
        } catch (JacksonException e) {
            throw CheckpointException.damaged(index.path(), 0, "a JSON index", Reason.of(e));
        }
    }
}
