package dev.itprompt.features;

import dev.itprompt.Excerpt;
import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StoredValues;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.method.FeatureMatrix;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Features of some images that follow each other, to be written to a file of its own. What the file holds follows from these values, what
 * they name, and the arithmetic of device and Java, wherever and however often the job is done.
 *
 * @param configuration of model, data set and preprocessing, as YAML
 * @param source        of the images: {@value ShardSource#TRAIN}, {@value ShardSource#TEST}, or the path of a tar or Parquet file
 * @param first         number of the first image in the source
 * @param end           number after the last one
 * @param index         number of the shard, from 0
 * @param shards        number of all shards
 * @param folder        of the file
 * @param model         SHA-256 of the checkpoint that has to be found
 */
public record ShardJob(String configuration, String source, int first, int end, int index, int shards, String folder, String model)
        implements Serializable {

    static final String FORMAT = "format";
    static final String FORMAT_NAME = "itprompt-feature-table";

    /** The configuration, read. */
    public ExperimentSettings settings() {
        return ExperimentSettings.configuration().text("job", configuration).build().settings();
    }

    /** The file's name. */
    public String file() {
        return String.format(Locale.ROOT, "features-%05d.safetensors", index);
    }

    /**
     * Computes the features and writes the file: {@code features} (F32, [rows, E], not normalised), {@code labels} (I64; -1 where there is
     * none) and {@code names} (a JSON list of the images' names, as the bytes of its UTF-8). Images that cannot be read have no row.
     *
     * @param extractor of this job's configuration
     * @return what the file holds
     * @throws InputException                      if the checkpoint is another one
     * @throws dev.itprompt.WriteException         if the file cannot be written
     * @throws dev.itprompt.train.StoppedException if the process was asked to stop; nothing is written then
     */
    public ShardResult run(Extractor extractor) {
        Checkpoint.requireSame(model, extractor.hash());
        long start = System.nanoTime();
        Extractor.Rows rows = extractor.rows(source, first, end);
        LinkedHashMap<String, StoredValues> values = new LinkedHashMap<>();
        if (!rows.features().isEmpty()) {
            values.put("features", new StoredValues.Floats(FeatureMatrix.of(rows.features().toArray(float[][]::new))));
        }
        values.put("labels", new StoredValues.Longs(rows.labels().stream().mapToLong(Integer::longValue).toArray()));
        values.put("names", new StoredValues.Text(JsonMapper.shared().writeValueAsString(rows.names())));
        Map<String, String> header = new LinkedHashMap<>(extractor.facts());
        header.put(FORMAT, FORMAT_NAME);
        header.put("source", extractor.describe(source));
        header.put("first", Integer.toString(first));
        Path path = Path.of(folder).resolve(file());
        try {
            Files.createDirectories(path.getParent());
        } catch (IOException e) {
            throw new WriteException(path, e);
        }
        SafeTensors.writeValues(path, values, header);
        return new ShardResult(index, shards, file(), extractor.describe(source), first, rows.names().size(), List.copyOf(rows.failed()),
                Fingerprint.ofFile(path), new LinkedHashMap<>(extractor.facts()), (System.nanoTime() - start) / 1e9);
    }

    /**
     * Cuts sources into jobs; a shard has images of one source.
     *
     * @param configuration of model, data set and preprocessing, as YAML
     * @param sources       in their order
     * @param rows          most images of a shard
     */
    public static List<ShardJob> of(Extractor extractor, String configuration, List<String> sources, int rows, Path folder) {
        List<ShardJob> jobs = new ArrayList<>();
        int shards = sources.stream().mapToInt(source -> Math.ceilDiv(extractor.size(source), rows)).sum();
        for (String source : sources) {
            int size = extractor.size(source);
            for (int from = 0; from < size; from += rows) {
                jobs.add(new ShardJob(configuration, source, from, Math.min(size, from + rows), jobs.size(), shards,
                        folder.toAbsolutePath().toString(), extractor.hash()));
            }
        }
        if (jobs.isEmpty()) {
            throw new InputException("expected images in " + Excerpt.of(sources.toString(), 100) + ", found none");
        }
        return jobs;
    }
}
