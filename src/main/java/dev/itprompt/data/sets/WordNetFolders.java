package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sets of one folder a class, in trees {@code train} and {@code test}, or in one tree of which a share is drawn for testing: ImageNet-A and
 * ObjectNet. Folders that are called by their WordNet id get the name that a {@code README.txt} or {@code words.txt} gives.
 *
 * @param facts what is published
 */
record WordNetFolders(DatasetFacts facts) implements DatasetSpec {

    static final WordNetFolders IMAGENET_A = new WordNetFolders(new DatasetFacts("imagenet-a", "ImageNet-A", 200, 0, 0, "MIT",
            "https://github.com/hendrycks/natural-adv-examples", "imagenet-a", List.of(DatasetFacts.Download.md5(
                    "https://people.eecs.berkeley.edu/~hendrycks/imagenet-a.tar", "c3e55429088dc681f30d81f4726b6595"))));
    static final WordNetFolders OBJECTNET = new WordNetFolders(new DatasetFacts("objectnet", "ObjectNet", 0, 0, 0,
            "CC BY 4.0, not to train on", "https://objectnet.dev", "objectnet", List.of()));

    @Override
    public Split open(DatasetFolder folder) {
        Split split = Trees.isSplit(folder.root()) ? Trees.split(folder) : Trees.drawn(folder, folder.root());
        Map<String, String> words = words(folder);
        List<String> names = split.train().classNames().stream().map(name -> words.getOrDefault(name, name)).toList();
        if (names.stream().anyMatch(name -> name.matches("n\\d{8}"))) {
            folder.options().train().warnings().warn(folder.root() + ": no README.txt or words.txt gives names for WordNet ids; texts will "
                    + "say " + names.getFirst());
        }
        if (folder.options().check() && facts.name().equals("imagenet-a") && split.train().size() + split.test().size() != 7_500) {
            folder.checkCount("images", 7_500, split.train().size() + split.test().size());
        }
        return folder.checked(Trees.named(split, names));
    }

    /** Lines of a WordNet id and names of which the first counts. */
    static Map<String, String> words(DatasetFolder folder) {
        Map<String, String> words = new HashMap<>();
        for (String file : List.of("words.txt", "README.txt")) {
            if (folder.has(file)) {
                for (String line : folder.lines(file)) {
                    if (line.matches("n\\d{8}[\\s:]+\\S.*")) {
                        words.putIfAbsent(line.substring(0, 9), DatasetFolder.text(line.substring(9).replaceFirst("^[\\s:]+", "")
                                .split(",")[0]));
                    }
                }
            }
        }
        return words;
    }

    /**
     * TinyImageNet: 200 classes of 64x64 pictures; the validation images are those to test on, for no labels of the test images are
     * published. Classes are in the order of their WordNet ids. Source: Stanford CS231n.
     */
    record TinyImageNet() implements DatasetSpec {

        private static final DatasetFacts FACTS = new DatasetFacts("tiny-imagenet", "TinyImageNet", 200, 100_000, 10_000,
                "as ImageNet: for non-commercial research and education", "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
                "tiny-imagenet-200", List.of(DatasetFacts.Download.md5("http://cs231n.stanford.edu/tiny-imagenet-200.zip",
                        "90528d7ca1a48142e341f4ef8d21d0de")));

        @Override
        public DatasetFacts facts() {
            return FACTS;
        }

        @Override
        public Split open(DatasetFolder folder) {
            List<String> ids = folder.lines("wnids.txt").stream().sorted().toList();
            Map<String, String> words = words(folder);
            List<String> names = ids.stream().map(id -> words.getOrDefault(id, id)).toList();
            DatasetFolder.Listing train = folder.listing();
            for (String id : ids) {
                Path images = folder.require("train/" + id + "/images");
                for (Path file : DatasetFolder.files(images)) {
                    train.add(file, ids.indexOf(id));
                }
            }
            Path list = folder.require("val/val_annotations.txt");
            DatasetFolder.Listing test = folder.listing();
            for (String line : DatasetFolder.lines(list)) {
                String[] parts = line.split("\t");
                int label = parts.length < 2 ? -1 : ids.indexOf(parts[1]);
                if (label < 0) {
                    throw new DataException(list, "lines of an image and a WordNet id of wnids.txt", "'" + line + "'", "fetch it again");
                }
                test.add(DatasetFolder.inside(folder.root().resolve("val/images"), parts[0], list), label);
            }
            Split split = new Split(train.train(names), test.test(names), "official, tested on the validation images");
            DatasetFolder.requireFiles(split.test());
            return folder.checked(split);
        }
    }
}
