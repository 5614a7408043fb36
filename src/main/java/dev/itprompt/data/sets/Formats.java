package dev.itprompt.data.sets;

import dev.itprompt.data.ClassNames;
import dev.itprompt.data.DataException;
import dev.itprompt.data.IdxImages;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Formats that users fill with sets of their own. */
final class Formats {

    private Formats() { }

    /** One folder a class: {@code dataset.path} and {@code dataset.testPath}, trees in one folder, or one tree to draw from. */
    record ImageFolder() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return DatasetFacts.generic("image-folder", "one folder per class");
        }

        @Override
        public Split open(DatasetFolder folder) {
            if (folder.options().testPath() != null) {
                return Trees.pair(folder, folder.root(), folder.options().testPath(), "folders of their own");
            }
            return Trees.isSplit(folder.root()) ? Trees.split(folder) : Trees.drawn(folder, folder.root());
        }
    }

    /** Four IDX files, as MNIST's; names of the classes are {@code dataset.classNames}. */
    record Idx() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return DatasetFacts.generic("idx", "four IDX files");
        }

        @Override
        public Split open(DatasetFolder folder) {
            return new Split(part(folder, "train"), part(folder, "t10k"), "its files");
        }

        private static LabeledImages part(DatasetFolder folder, String name) {
            return IdxImages.read(file(folder, name + "-images-idx3-ubyte"), file(folder, name + "-labels-idx1-ubyte"),
                    folder.options().classNames());
        }

        private static Path file(DatasetFolder folder, String name) {
            return folder.has(name) ? folder.root().resolve(name) : folder.root().resolve(name + ".gz");
        }
    }

    /**
     * A list {@code images.csv} (with a line of column names) or {@code images.jsonl} in the folder: {@code path} below it, {@code label},
     * {@code split} ({@code train}; {@code test} or, without any, {@code val}) and, if wanted, {@code task}. Classes come in the order of
     * {@code dataset.classNames}, or sorted; those of a task together, in the order of the tasks in the list. Where a class is in
     * several tasks, tasks are domains.
     */
    record Listing() implements DatasetSpec {

        private static final List<String> FILES = List.of("images.csv", "images.jsonl");

        private record Row(int number, String path, String label, String split, String task) { }

        @Override
        public DatasetFacts facts() {
            return DatasetFacts.generic("listing", "a list of images, CSV or JSONL");
        }

        @Override
        public Split open(DatasetFolder folder) {
            Path list = FILES.stream().filter(folder::has).findFirst().map(folder.root()::resolve).orElseThrow(() ->
                    new DataException(folder.root(), "a list images.csv or images.jsonl", "neither", "write one, see datasets/README.md"));
            List<Row> rows = list.toString().endsWith(".csv") ? csv(list) : jsonl(list);
            boolean tested = rows.stream().anyMatch(row -> row.split().equals("test"));
            Map<String, Set<String>> tasksOf = new TreeMap<>();
            Set<String> tasks = new LinkedHashSet<>();
            for (Row row : rows) {
                tasksOf.computeIfAbsent(row.label(), _ -> new TreeSet<>()).add(row.task());
                tasks.add(row.task());
            }
            boolean domains = tasksOf.values().stream().anyMatch(of -> of.size() > 1);
            List<String> order = new ArrayList<>();
            List<Integer> groups = new ArrayList<>();
            List<String> wanted = folder.options().classNames().isEmpty() ? List.copyOf(tasksOf.keySet()) : folder.options().classNames();
            for (String label : tasksOf.keySet()) {
                if (!wanted.contains(label)) {
                    throw new DataException(list, "labels that are in dataset.classNames", "'" + label + "'", "add it there");
                }
            }
            if (domains || tasks.size() == 1) {
                order.addAll(wanted);
            } else {
                for (String task : tasks) {
                    List<String> own = wanted.stream().filter(label -> tasksOf.getOrDefault(label, Set.of()).contains(task)).toList();
                    order.addAll(own);
                    groups.add(own.size());
                }
            }
            DatasetFolder.Listing train = folder.listing();
            DatasetFolder.Listing test = folder.listing();
            List<Integer> trainDomains = new ArrayList<>();
            List<Integer> testDomains = new ArrayList<>();
            List<String> names = List.copyOf(tasks);
            for (Row row : rows) {
                boolean isTest = row.split().equals(tested ? "test" : "val");
                if (isTest || row.split().equals("train")) {
                    (isTest ? test : train).add(DatasetFolder.inside(folder.root(), row.path(), list), order.indexOf(row.label()));
                    (isTest ? testDomains : trainDomains).add(names.indexOf(row.task()));
                }
            }
            if (train.size() == 0 || test.size() == 0) {
                throw new DataException(list, "lines with split 'train' and with 'test' or 'val'", train.size() + " and " + test.size(),
                        "correct the list");
            }
            Split.Domains found = domains ? new Split.Domains(names, ints(trainDomains), ints(testDomains)) : null;
            Split split = new Split(train.train(order), test.test(order), "that of " + list.getFileName(), groups, found);
            DatasetFolder.requireFiles(split.train(), split.test());
            return split;
        }

        private static int[] ints(List<Integer> values) {
            return values.stream().mapToInt(Integer::intValue).toArray();
        }

        private static Row row(Path list, int number, Map<String, String> values) {
            for (String key : List.of("path", "label", "split")) {
                if (values.getOrDefault(key, "").isBlank()) {
                    throw new DataException(list, "a '" + key + "' in line " + number, values.containsKey(key) ? "a blank" : "none",
                            "correct the list");
                }
            }
            String split = values.get("split").strip();
            if (!Set.of("train", "val", "test").contains(split)) {
                throw new DataException(list, "a split train, val or test in line " + number, "'" + split + "'", "correct the list");
            }
            return new Row(number, values.get("path").strip(), ClassNames.clean(values.get("label")), split,
                    values.getOrDefault("task", "").strip());
        }

        private static List<Row> csv(Path list) {
            List<Row> rows = new ArrayList<>();
            try (MappingIterator<Map<String, String>> lines = new CsvMapper().readerFor(Map.class).with(CsvSchema.emptySchema().withHeader())
                    .readValues(list.toFile())) {
                while (lines.hasNextValue()) {
                    rows.add(row(list, rows.size() + 2, lines.nextValue()));
                }
            } catch (JacksonException e) {
                throw new DataException(list, "comma-separated values under a line of names", e.getOriginalMessage(), "correct the list", e);
            }
            return rows;
        }

        private static List<Row> jsonl(Path list) {
            List<Row> rows = new ArrayList<>();
            TextLines.read(list, "a list of images", (number, line) -> {
                if (!line.isBlank()) {
                    try {
                        Map<String, String> values = new HashMap<>();
                        JsonMapper.shared().readTree(line).forEachEntry((key, value) -> values.put(key, value.asString("")));
                        rows.add(row(list, number, values));
                    } catch (JacksonException e) {
                        throw new DataException(list, "a JSON object in line " + number, e.getOriginalMessage(), "correct the line", e);
                    }
                }
            });
            return rows;
        }
    }

    /**
     * WebDataset: tar files of which the name begins with {@code train} or {@code test} (or {@code val}). What has the same name up to the
     * first dot after the last slash is a sample: an image and its label as {@code .cls}. Names are {@code dataset.classNames}, or those of
     * {@code classnames.txt} in the folder. Images are read inside the archives, which must not be compressed.
     */
    record WebDataset() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return DatasetFacts.generic("webdataset", "tar shards");
        }

        @Override
        public Split open(DatasetFolder folder) {
            List<String> names = !folder.options().classNames().isEmpty() ? folder.options().classNames()
                    : folder.lines("classnames.txt").stream().map(DatasetFolder::text).toList();
            boolean tested = DatasetFolder.files(folder.root()).stream().anyMatch(file -> isShard(file, "test"));
            return new Split(part(folder, "train").train(names), part(folder, tested ? "test" : "val").test(names), "that of the shards");
        }

        private static boolean isShard(Path file, String part) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            return name.startsWith(part) && name.endsWith(".tar");
        }

        private static DatasetFolder.Listing part(DatasetFolder folder, String part) {
            DatasetFolder.Listing listing = folder.listing();
            for (Path shard : DatasetFolder.files(folder.root())) {
                if (isShard(shard, part)) {
                    add(shard, listing);
                }
            }
            if (listing.size() == 0) {
                throw new DataException(folder.root(), "tar files called " + part + "*.tar with images and labels", "none", "rename them");
            }
            return listing;
        }

        private static void add(Path shard, DatasetFolder.Listing listing) {
            for (TarImages.Sample sample : TarImages.samples(shard)) {
                listing.add(sample.image(), sample.label().orElseThrow(() -> new DataException(shard, "a label '" + sample.key()
                        + ".cls' beside each image", "none", "correct the archive")));
            }
        }
    }
}
