package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.JoinedImages;
import dev.itprompt.data.LabeledImages;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Several data sets that are learned one after the other, each a task with classes of its own, in sub-folders of one folder.
 *
 * @param facts  what is published
 * @param parts  in their order
 */
record Sequences(DatasetFacts facts, List<Part> parts) implements DatasetSpec {

    /**
     * A data set in a sequence.
     *
     * @param spec    the data set
     * @param folders names that its folder may have
     */
    record Part(DatasetSpec spec, String... folders) { }

    private static final Part AIRCRAFT = new Part(new ListedImages.FgvcAircraft(), "fgvc-aircraft", "fgvc-aircraft-2013b");
    private static final Part CALTECH = new Part(ClassTrees.CALTECH_101, "caltech-101", "caltech101", "101_ObjectCategories");
    private static final Part CIFAR_100 = new Part(Cifar.CIFAR_100, "cifar-100", "cifar-100-python", "cifar-100-binary");
    private static final Part DTD = new Part(new ListedImages.Dtd(), "dtd");
    private static final Part EUROSAT = new Part(ClassTrees.EUROSAT, "eurosat", "EuroSAT", "2750");
    private static final Part FLOWERS = new Part(new Flowers102(), "flowers-102", "flowers102", "oxford_flowers");
    private static final Part FOOD = new Part(new ListedImages.Food101(), "food-101");
    private static final Part MNIST = new Part(new Digits.Mnist(), "mnist", "MNIST");
    private static final Part PETS = new Part(new ListedImages.OxfordPets(), "oxford-pets", "oxford-iiit-pet", "oxford_pets");
    private static final Part CARS = new Part(new StanfordCars(), "stanford-cars", "stanford_cars");
    private static final Part SUN = new Part(new ListedImages.Sun397(), "sun397", "SUN397");

    private static final List<Part> MTIL = List.of(AIRCRAFT, CALTECH, CIFAR_100, DTD, EUROSAT, FLOWERS, FOOD, MNIST, PETS, CARS, SUN);

    /** MTIL in order I. Source: Zheng et al. 2023 (ZSCL). */
    static final Sequences MTIL_1 = of("mtil-1", "MTIL, order I", MTIL);
    /** MTIL in order II. */
    static final Sequences MTIL_2 = of("mtil-2", "MTIL, order II",
            Stream.of(9, 6, 7, 8, 5, 10, 0, 1, 3, 4, 2).map(MTIL::get).toList());
    /** X-TAIL: those of MTIL without CIFAR-100 in alphabetical order. Source: Xu et al. 2024 (RAIL). */
    static final Sequences X_TAIL = of("x-tail", "X-TAIL", MTIL.stream().filter(part -> part != CIFAR_100).toList());

    private static Sequences of(String name, String title, List<Part> parts) {
        return new Sequences(new DatasetFacts(name, title, 0, 0, 0, "those of its parts", "the addresses of its parts", "", List.of()), parts);
    }

    @Override
    public Split open(DatasetFolder folder) {
        return join(folder, parts);
    }

    /**
     * Opens all parts.
     *
     * @throws DataException if one is missing
     */
    static Split join(DatasetFolder folder, List<Part> parts) {
        List<LabeledImages> train = new ArrayList<>();
        List<LabeledImages> test = new ArrayList<>();
        List<Integer> groups = new ArrayList<>();
        for (Part part : parts) {
            String found = Stream.of(part.folders()).filter(name -> Files.isDirectory(folder.root().resolve(name))).findFirst()
                    .orElseThrow(() -> new DataException(folder.root(), "a folder '" + part.folders()[0] + "' with "
                            + part.spec().facts().title(), "none of " + List.of(part.folders()), part.spec().facts().source()));
            Split split = part.spec().open(folder.part(part.spec(), found));
            train.add(split.train());
            test.add(split.test());
            groups.add(split.train().classNames().size());
        }
        List<String> names = names(parts, train);
        return folder.checked(new Split(new JoinedImages(train, names), new JoinedImages(test, names), "those of its parts", groups, null));
    }

    /** A name that several parts have, whatever its case, gets the part's: the digits of SVHN and of MNIST are not the same classes. */
    private static List<String> names(List<Part> parts, List<LabeledImages> images) {
        Map<String, Long> times = images.stream().flatMap(part -> part.classNames().stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct())
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            for (String name : images.get(i).classNames()) {
                names.add(times.get(name.toLowerCase(Locale.ROOT)) == 1 ? name : name + " (" + parts.get(i).spec().facts().title() + ")");
            }
        }
        return names;
    }
}
