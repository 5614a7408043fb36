package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Parquet files with images, as Hugging Face publishes data sets: those of which the name, or else the name of the folder they are in, begins
 * with {@code train} and with {@code test} (without any, {@code val}), such as {@code data/train-00000-of-00002.parquet}. Names of the
 * classes are {@code dataset.classNames}, those of the files' metadata, labels that are text, or {@code classnames.txt} in the folder.
 */
record ParquetSet() implements DatasetSpec {

    /** Folders below the data set's in which files are looked for. */
    private static final int DEPTH = 3;
    private static final Pattern NUMBERED = Pattern.compile("(.*?)-(\\d{5})-of-(\\d{5})(.*)");

    @Override
    public DatasetFacts facts() {
        return DatasetFacts.generic("parquet", "Parquet files with images");
    }

    @Override
    public Split open(DatasetFolder folder) {
        List<Path> files = files(folder.root());
        List<ParquetFile> train = part(folder, files, "train");
        List<ParquetFile> test = part(folder, files, files.stream().anyMatch(file -> is(file, "test")) ? "test" : "val");
        List<ParquetFile> all = Stream.concat(train.stream(), test.stream()).toList();
        Map<ParquetFile, List<String>> labels = new HashMap<>();
        all.forEach(file -> labels.put(file, file.labels()));
        List<String> names = names(folder, all, labels);
        return new Split(listing(folder, train, labels, names).train(names), listing(folder, test, labels, names).test(names),
                "that of the files");
    }

    private static List<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root, DEPTH)) {
            return all.filter(file -> ParquetImages.isParquet(file) && Files.isRegularFile(file)).sorted().toList();
        } catch (IOException e) {
            throw DataFiles.unreadable(root, "a readable folder", e);
        }
    }

    private static boolean is(Path file, String part) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean says = Stream.of("train", "test", "val").anyMatch(name::startsWith);
        return (says ? name : file.toAbsolutePath().getParent().getFileName().toString().toLowerCase(Locale.ROOT)).startsWith(part);
    }

    /** The files of a part, of which none is missing as far as their names say. */
    private static List<ParquetFile> part(DatasetFolder folder, List<Path> files, String part) {
        List<Path> own = files.stream().filter(file -> is(file, part)).toList();
        if (own.isEmpty()) {
            throw new DataException(folder.root(), "Parquet files called " + part + "*" + ParquetImages.ENDING, "none", "rename them");
        }
        for (Path file : own) {
            Matcher numbered = NUMBERED.matcher(file.getFileName().toString());
            if (numbered.matches()) {
                for (int i = 0; i < Integer.parseInt(numbered.group(3)); i++) {
                    Path other = file.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%s%s", numbered.group(1), i, numbered.group(3),
                            numbered.group(4)));
                    if (!own.contains(other)) {
                        throw new DataException(other, "one of " + Integer.parseInt(numbered.group(3)) + " files, as the name of "
                                + file.getFileName() + " says", "none", "fetch it too");
                    }
                }
            }
        }
        return own.stream().map(ParquetFile::open).toList();
    }

    private static List<String> names(DatasetFolder folder, List<ParquetFile> files, Map<ParquetFile, List<String>> labels) {
        ParquetFile first = files.getFirst();
        for (ParquetFile file : files) {
            if (file.hasTextLabels() != first.hasTextLabels() || !file.classNames().equals(first.classNames())) {
                throw new DataException(file.file(), "labels and names of classes as in " + first.file(), "others", "fetch both again");
            }
        }
        if (!folder.options().classNames().isEmpty()) {
            return folder.options().classNames();
        }
        if (!first.classNames().isEmpty()) {
            return first.classNames();
        }
        return first.hasTextLabels() ? labels.values().stream().flatMap(List::stream).map(DatasetFolder::text).distinct().sorted().toList()
                : folder.lines("classnames.txt").stream().map(DatasetFolder::text).toList();
    }

    private static DatasetFolder.Listing listing(DatasetFolder folder, List<ParquetFile> files, Map<ParquetFile, List<String>> labels,
                                                 List<String> names) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            numbers.put(files.getFirst().hasTextLabels() ? DatasetFolder.text(names.get(i)) : Integer.toString(i), i);
        }
        DatasetFolder.Listing listing = folder.listing();
        for (ParquetFile file : files) {
            List<Integer> own = new ArrayList<>();
            for (String label : labels.get(file)) {
                Integer number = numbers.get(file.hasTextLabels() ? DatasetFolder.text(label) : label);
                if (number == null) {
                    throw new DataException(file.file(), file.hasTextLabels() ? "labels that are in dataset.classNames"
                            : "labels from 0 to " + (names.size() - 1), "'" + label + "' in row " + own.size(), "check the names of the classes");
                }
                own.add(number);
            }
            List<StoredImage> images = file.images(folder.options().unpacked());
            for (int i = 0; i < images.size(); i++) {
                listing.add(images.get(i), own.get(i));
            }
        }
        return listing;
    }
}
