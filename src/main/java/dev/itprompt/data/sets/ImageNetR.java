package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * ImageNet-R: 30,000 pictures of 200 classes of ImageNet as art, toys, graffiti and the like, one folder a WordNet id. No split is
 * published with it; three are known:
 *
 * <ul>
 *   <li>the lists of CODA-Prompt, which VQ-Prompt uses too: {@code imagenet-r_train.yaml} and {@code imagenet-r_test.yaml} in
 *       {@code dataset.splitList} or beside the classes;</li>
 *   <li>trees {@code train} and {@code test}, as HiDe-Prompt and PILOT have them; labels are the ranks of the WordNet ids;</li>
 *   <li>else one of this project: paths sorted by code unit, shuffled from the last to the first by {@link SplittableRandom} of seed 0,
 *       the first 80 % for training.</li>
 * </ul>
 *
 * <p>Where no trees decide, labels are those of the lists of CODA-Prompt, an order of its own. Source: Hendrycks et al. 2021.
 */
record ImageNetR() implements DatasetSpec {

    private static final DatasetFacts FACTS = new DatasetFacts("imagenet-r", "ImageNet-R", 200, 24_000, 6_000, "MIT",
            "https://github.com/hendrycks/imagenet-r", "imagenet-r", List.of(DatasetFacts.Download.md5(
                    "https://people.eecs.berkeley.edu/~hendrycks/imagenet-r.tar", "a61312130a589d0ca1a8fca1f2bd3337")));
    private static final String TRAIN_LIST = "imagenet-r_train.yaml";
    private static final String TEST_LIST = "imagenet-r_test.yaml";

    @Override
    public DatasetFacts facts() {
        return FACTS;
    }

    @Override
    public Split open(DatasetFolder folder) {
        Classes classes = Classes.read();
        if (Trees.isSplit(folder.root())) {
            Split trees = Trees.split(folder);
            return folder.checked(trees.train().classNames().size() == classes.names().size() ? Trees.named(trees, classes.names()) : trees);
        }
        Path lists = folder.options().splitList() != null ? folder.options().splitList() : folder.root();
        boolean[] there = {Files.exists(lists.resolve(TRAIN_LIST)), Files.exists(lists.resolve(TEST_LIST))};
        boolean listed = there[0] && there[1];
        if (!listed && (folder.options().splitList() != null || there[0] || there[1])) {
            throw new DataException(lists.resolve(there[0] ? TEST_LIST : TRAIN_LIST), "a list of images (" + TRAIN_LIST + " and " + TEST_LIST
                    + " of CODA-Prompt's dataloaders/splits)", "nothing", "add it, or correct dataset.splitList or leave it out");
        }
        return folder.checked(listed ? fromLists(folder, lists, classes) : drawn(folder, classes));
    }

    /**
     * What is known of the classes.
     *
     * @param labels of CODA-Prompt, in the order of the WordNet ids
     * @param names  in the same order
     */
    record Classes(List<Integer> labels, List<String> names) {

        static Classes read() {
            List<Integer> labels = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (String line : resource("imagenet-r-classes.txt")) {
                String[] parts = line.split("\t");
                labels.add(Integer.parseInt(parts[0]));
                names.add(parts[1]);
            }
            return new Classes(labels, names);
        }

        /** Names by label. */
        List<String> byLabel() {
            List<String> sorted = new ArrayList<>(Collections.nCopies(names.size(), ""));
            for (int i = 0; i < names.size(); i++) {
                sorted.set(labels.get(i), names.get(i));
            }
            return sorted;
        }
    }

    /** The lines of a file of facts that comes with the program, without comments. */
    static List<String> resource(String name) {
        try (InputStream in = ImageNetR.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Split drawn(DatasetFolder folder, Classes classes) {
        List<Path> folders = DatasetFolder.folders(folder.root());
        boolean whole = folders.size() == classes.names().size();
        folder.checkCount("folders of classes", classes.names().size(), folders.size());
        List<String> names = whole ? classes.byLabel() : folders.stream().map(f -> f.getFileName().toString()).toList();
        Map<Path, Integer> labels = new HashMap<>();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            for (Path file : DatasetFolder.files(folders.get(i))) {
                labels.put(file, whole ? classes.labels().get(i) : i);
                files.add(file);
            }
        }
        files.sort(Comparator.comparing(file -> folder.root().relativize(file).toString().replace('\\', '/')));
        SplittableRandom random = new SplittableRandom(0);
        for (int i = files.size() - 1; i > 0; i--) {
            Collections.swap(files, i, random.nextInt(i + 1));
        }
        DatasetFolder.Listing train = folder.listing();
        DatasetFolder.Listing test = folder.listing();
        int training = (int) (files.size() * 4L / 5);
        for (int i = 0; i < files.size(); i++) {
            (i < training ? train : test).add(files.get(i), labels.get(files.get(i)));
        }
        return new Split(train.train(names), test.test(names), "80 % for training by this project's draw of seed 0");
    }

    private Split fromLists(DatasetFolder folder, Path lists, Classes classes) {
        return new Split(listing(folder, lists.resolve(TRAIN_LIST)).train(classes.byLabel()),
                listing(folder, lists.resolve(TEST_LIST)).test(classes.byLabel()), "CODA-Prompt's lists");
    }

    /** A YAML file of two lists, {@code data} and {@code targets}, one item a line. */
    private static DatasetFolder.Listing listing(DatasetFolder folder, Path list) {
        List<String> paths = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        String[] section = {""};
        TextLines.read(list, "a list of images", (number, line) -> {
            String text = line.strip();
            if (text.endsWith(":")) {
                section[0] = text;
            } else if (text.startsWith("- ") && section[0].equals("data:")) {
                paths.add(text.substring(2).strip());
            } else if (text.startsWith("- ") && section[0].equals("targets:")) {
                labels.add(DatasetFolder.number(list, text.substring(2)));
            } else if (!text.isEmpty()) {
                throw new DataException(list, "lists 'data' and 'targets', one item a line", "'" + text + "' in line " + number,
                        "fetch the list again");
            }
        });
        if (paths.size() != labels.size() || paths.isEmpty()) {
            throw new DataException(list, "as many targets as data", paths.size() + " and " + labels.size(), "fetch the list again");
        }
        DatasetFolder.Listing listing = folder.listing();
        for (int i = 0; i < paths.size(); i++) {
            String[] parts = paths.get(i).split("/");
            String below = parts.length < 2 ? paths.get(i) : parts[parts.length - 2] + "/" + parts[parts.length - 1];
            listing.add(DatasetFolder.inside(folder.root(), below, list), labels.get(i));
        }
        return listing;
    }
}
