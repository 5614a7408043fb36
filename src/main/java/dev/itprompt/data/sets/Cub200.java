package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * CUB-200-2011: 11,788 photographs of 200 kinds of birds with index files, or the trees {@code train} and {@code test} made of them.
 * Source: Wah et al. 2011.
 */
record Cub200() implements DatasetSpec {

    private static final DatasetFacts FACTS = new DatasetFacts("cub-200", "CUB-200-2011", 200, 5_994, 5_794,
            "for non-commercial research and education", "https://www.vision.caltech.edu/datasets/cub_200_2011/", "CUB_200_2011",
            List.of(DatasetFacts.Download.md5("https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz",
                    "97eceeb196236b17998738112f37df78")));

    @Override
    public DatasetFacts facts() {
        return FACTS;
    }

    @Override
    public Split open(DatasetFolder folder) {
        if (Trees.isSplit(folder.root()) && !folder.has("images.txt")) {
            Split trees = Trees.split(folder);
            return folder.checked(Trees.named(trees, trees.train().classNames().stream().map(Cub200::name).toList()));
        }
        List<String> names = table(folder, "classes.txt").values().stream().map(Cub200::name).toList();
        Map<Integer, String> labels = table(folder, "image_class_labels.txt");
        Map<Integer, String> training = table(folder, "train_test_split.txt");
        Path list = folder.require("images.txt");
        Path images = folder.require("images");
        DatasetFolder.Listing train = folder.listing();
        DatasetFolder.Listing test = folder.listing();
        table(folder, "images.txt").forEach((id, name) -> {
            String label = labels.get(id);
            String flag = training.get(id);
            if (label == null || flag == null || !flag.matches("[01]")) {
                throw new DataException(list, "a label and a 0 or 1 for each image in image_class_labels.txt and train_test_split.txt",
                        "none for image " + id, FACTS.again());
            }
            (flag.equals("1") ? train : test).add(DatasetFolder.inside(images, name, list), DatasetFolder.number(list, label) - 1);
        });
        Split split = new Split(train.train(names), test.test(names), "official");
        DatasetFolder.requireFiles(split.train(), split.test());
        return folder.checked(split);
    }

    /** {@code 001.Black_footed_Albatross} is a Black footed Albatross. */
    private static String name(String folder) {
        return DatasetFolder.text(folder.replaceFirst("^\\d+\\.", ""));
    }

    /** Lines of a number and a value, in the order of the numbers. */
    private static Map<Integer, String> table(DatasetFolder folder, String name) {
        Path file = folder.require(name);
        Map<Integer, String> table = new TreeMap<>();
        for (String line : DatasetFolder.lines(file)) {
            String[] parts = line.split("\\s+", 2);
            if (parts.length != 2 || table.put(DatasetFolder.number(file, parts[0]), parts[1]) != null) {
                throw new DataException(file, "lines of a number, each once, and a value", "'" + line + "'", "fetch the file again");
            }
        }
        return table;
    }
}
