package dev.itprompt.features;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shards of a folder, a JSON object in a line each, in their order: number and file, source, rows, images that failed, SHA-256 and what
 * they were computed with. Written anew, whole, with every shard. Processes that do a part of the shards each have a manifest of their own.
 */
public final class FeatureManifest {

    private static final String NAME = "manifest";
    private static final String ENDING = ".jsonl";
    /** Shards that a message names. */
    private static final int NAMED = 5;
    private static final int LONGEST = 100;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path file;
    private final TreeMap<Integer, ShardResult> shards = new TreeMap<>();

    private FeatureManifest(Path file) {
        this.file = file;
    }

    /** The manifest of a process that does all shards. */
    public static FeatureManifest of(Path folder) {
        return read(folder.resolve(NAME + ENDING));
    }

    /** The manifest of the process of a number, from 0, out of several. */
    public static FeatureManifest of(Path folder, int part, int parts) {
        return read(folder.resolve(NAME + "-" + part + "-of-" + parts + ENDING));
    }

    /** All manifests of a folder. */
    private static List<FeatureManifest> all(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(NAME + "(-\\d+-of-\\d+)?\\" + ENDING)).sorted()
                    .map(FeatureManifest::read).toList();
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    private static FeatureManifest read(Path file) {
        FeatureManifest manifest = new FeatureManifest(file);
        if (!Files.isRegularFile(file)) {
            return manifest;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                ShardResult shard = parse(JSON.readTree(line));
                manifest.shards.put(shard.index(), shard);
            }
            return manifest;
        } catch (IOException e) {
            throw new InputException(Excerpt.of(file) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InputException(Excerpt.of(file) + ": expected a shard of features in each line, found something else; delete the file", e);
        }
    }

    private static ShardResult parse(JsonNode node) {
        List<ShardResult.Failure> failed = new ArrayList<>();
        node.required("failed").forEach(image ->
                failed.add(new ShardResult.Failure(image.required("image").asString(), image.required("reason").asString())));
        Map<String, String> facts = new LinkedHashMap<>();
        node.required("facts").forEachEntry((what, value) -> facts.put(what, value.asString()));
        return new ShardResult(node.required("shard").asInt(), node.required("of").asInt(), node.required("file").asString(),
                node.required("source").asString(), node.required("first").asInt(), node.required("rows").asInt(), failed,
                node.required("sha256").asString(), facts, 0);
    }

    private static String line(ShardResult shard) {
        ObjectNode node = JSON.createObjectNode().put("shard", shard.index()).put("of", shard.shards()).put("file", shard.file())
                .put("source", shard.source()).put("first", shard.first()).put("rows", shard.rows());
        ArrayNode failed = node.putArray("failed");
        shard.failed().forEach(image -> failed.addObject().put("image", image.image()).put("reason", image.reason()));
        node.put("sha256", shard.sha256());
        ObjectNode facts = node.putObject("facts");
        shard.facts().forEach(facts::put);
        return JSON.writeValueAsString(node);
    }

    /** Adds a shard and writes the file. */
    public void add(ShardResult shard) {
        shards.put(shard.index(), shard);
        write();
    }

    private void write() {
        AtomicFile.write(file, (shards.values().stream().map(FeatureManifest::line).collect(Collectors.joining("\n")) + "\n")
                .getBytes(StandardCharsets.UTF_8));
    }

    /** The shards, in their order. */
    public List<ShardResult> shards() {
        return List.copyOf(shards.values());
    }

    /**
     * The jobs that no manifest of their folder names, or whose files are missing or damaged.
     *
     * @throws InputException if the folder holds features of other images, of another model or of another arithmetic
     */
    public static List<ShardJob> missing(List<ShardJob> jobs, Extractor extractor) {
        Path folder = Path.of(jobs.getFirst().folder());
        Map<Integer, ShardResult> known = new TreeMap<>();
        all(folder).forEach(manifest -> known.putAll(manifest.shards));
        return jobs.stream().filter(job -> {
            ShardResult shard = known.get(job.index());
            if (shard == null) {
                return true;
            }
            requireSame(folder, "number of shards", Integer.toString(shard.shards()), Integer.toString(job.shards()));
            requireSame(folder, "source", shard.source() + ", from image " + shard.first(),
                    extractor.describe(job.source()) + ", from image " + job.first());
            extractor.facts().forEach((what, now) -> requireSame(folder, what, shard.facts().get(what), now));
            return !isWhole(folder, shard);
        }).toList();
    }

    private static void requireSame(Path folder, String what, String before, String now) {
        if (!now.equals(before)) {
            throw new InputException(Excerpt.of(folder) + ": holds features that differ in their " + what + " ("
                    + Excerpt.of(String.valueOf(before), LONGEST) + ", now " + Excerpt.of(now, LONGEST) + "); choose another folder");
        }
    }

    private static boolean isWhole(Path folder, ShardResult shard) {
        Path file = folder.resolve(shard.file());
        return Files.isRegularFile(file) && Fingerprint.ofFile(file).equals(shard.sha256());
    }

    /**
     * Puts the manifests of several processes together, when all shards are there and whole, and deletes them.
     *
     * @throws InputException if a shard is missing or damaged, or shards do not belong together; names the first ones
     */
    public static FeatureManifest merge(Path folder) {
        List<FeatureManifest> parts = all(folder);
        FeatureManifest merged = new FeatureManifest(folder.resolve(NAME + ENDING));
        parts.forEach(part -> merged.shards.putAll(part.shards));
        if (merged.shards.isEmpty()) {
            throw new InputException(Excerpt.of(folder) + ": expected a manifest of features (manifest*.jsonl), found none");
        }
        ShardResult first = merged.shards.firstEntry().getValue();
        for (ShardResult shard : merged.shards.values()) {
            requireSame(folder, "number of shards", Integer.toString(first.shards()), Integer.toString(shard.shards()));
            first.facts().forEach((what, value) -> requireSame(folder, what, value, shard.facts().getOrDefault(what, "nothing")));
        }
        List<String> missing = IntStream.range(0, first.shards()).filter(i -> !merged.shards.containsKey(i) || !isWhole(folder, merged.shards.get(i)))
                .mapToObj(Integer::toString).toList();
        if (!missing.isEmpty()) {
            throw new InputException(Excerpt.of(folder) + ": expected all of " + first.shards() + " shards, found that " + missing.size()
                    + " are missing or damaged (" + String.join(", ", missing.subList(0, Math.min(NAMED, missing.size())))
                    + (missing.size() > NAMED ? ", ..." : "") + "); give the command that made the others again, with their --shard or without");
        }
        merged.write();
        parts.stream().map(part -> part.file).filter(file -> !file.equals(merged.file)).forEach(FeatureManifest::delete);
        return merged;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
    }
}
