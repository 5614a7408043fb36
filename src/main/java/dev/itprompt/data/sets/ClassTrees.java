package dev.itprompt.data.sets;

import dev.itprompt.data.ClassFolders;
import dev.itprompt.data.StoredImages;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Sets of one folder a class without an official split: trees {@code train} and {@code test} decide, else a share of each class is
 * drawn for testing.
 *
 * @param facts what is published
 * @param below sub-folders of which the first that is there holds the classes; none for the folder itself
 * @param name  of a class by its folder
 * @param count of images as published; 0 if unknown
 * @param without a folder that is no class; empty for none
 */
record ClassTrees(DatasetFacts facts, List<String> below, UnaryOperator<String> name, int count, String without) implements DatasetSpec {

    /** EuroSAT: 27,000 satellite pictures of 10 kinds of land. Source: Helber et al. 2019. */
    static final ClassTrees EUROSAT = new ClassTrees(new DatasetFacts("eurosat", "EuroSAT", 10, 0, 0, "MIT",
            "https://github.com/phelber/EuroSAT", "eurosat", List.of(DatasetFacts.Download.md5("https://huggingface.co/datasets/torchgeo/"
                    + "eurosat/resolve/c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip", "c8fa014336c82ac7804f0398fcb19387"))),
            List.of("2750", "EuroSAT/2750"), folder -> folder.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT),
            27_000, "");
    /** Caltech-101: 8,677 photographs of 101 kinds of objects; the folder of background pictures is no class. Source: Fei-Fei et al. 2004. */
    static final ClassTrees CALTECH_101 = new ClassTrees(new DatasetFacts("caltech-101", "Caltech-101", 101, 0, 0, "CC BY 4.0",
            "https://data.caltech.edu/records/mzrjq-6wc02 (caltech-101.zip, with 101_ObjectCategories.tar.gz in it)", "caltech-101",
            List.of()), List.of("101_ObjectCategories", "caltech101/101_ObjectCategories"), DatasetFolder::text, 8_677, "BACKGROUND Google");

    @Override
    public Split open(DatasetFolder folder) {
        if (Trees.isSplit(folder.root())) {
            Split split = Trees.split(folder);
            return folder.checked(Trees.named(split, split.train().classNames().stream().map(name).toList()));
        }
        Path root = below.stream().filter(folder::has).findFirst().map(folder.root()::resolve).orElse(folder.root());
        StoredImages train = clean(ClassFolders.read(root, folder.options().train()));
        StoredImages test = clean(ClassFolders.read(root, folder.options().test()));
        folder.checkCount("images", count, train.size());
        return folder.checked(Trees.drawn(folder, train, test));
    }

    private StoredImages clean(StoredImages images) {
        int odd = images.classNames().indexOf(without);
        List<String> names = IntStream.range(0, images.classNames().size()).filter(c -> c != odd)
                .mapToObj(c -> name.apply(images.classNames().get(c))).toList();
        if (odd < 0) {
            return images.named(names);
        }
        return images.select(IntStream.range(0, images.size()).filter(i -> images.label(i) != odd).toArray())
                .relabeled(label -> label > odd ? label - 1 : label, names);
    }
}
