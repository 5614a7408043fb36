package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sets of photographs with text files that name the images of each part: Aircraft, Food-101, Pets, DTD, SUN397. */
final class ListedImages {

    private ListedImages() { }

    /** An image of a list by its name below the images' folder, and its class. */
    private record Item(String name, String label) { }

    private interface Parser {
        Item parse(Path list, String line);
    }

    private static List<Item> items(DatasetFolder folder, Parser parser, String... lists) {
        List<Item> items = new ArrayList<>();
        for (String list : lists) {
            Path file = folder.require(list);
            DatasetFolder.lines(file).stream().filter(line -> !line.startsWith("#")).forEach(line -> items.add(parser.parse(file, line)));
        }
        return items;
    }

    private static DataException bad(Path list, String expected, String line) {
        return new DataException(list, "lines of " + expected, "'" + line + "'", "fetch the file again");
    }

    private static Split split(DatasetFolder folder, String imageFolder, List<Item> train, List<Item> test, List<String> labels,
                               Function<String, String> name, String origin) {
        Path images = folder.require(imageFolder);
        Map<String, Integer> index = new LinkedHashMap<>();
        labels.forEach(label -> index.put(label, index.size()));
        List<String> names = labels.stream().map(name).toList();
        Split split = new Split(listing(folder, images, train, index).train(names), listing(folder, images, test, index).test(names), origin);
        DatasetFolder.requireFiles(split.train(), split.test());
        return folder.checked(split);
    }

    private static DatasetFolder.Listing listing(DatasetFolder folder, Path images, List<Item> items, Map<String, Integer> index) {
        DatasetFolder.Listing listing = folder.listing();
        for (Item item : items) {
            if (!index.containsKey(item.label())) {
                throw new DataException(images, "classes that are listed", "'" + item.label() + "' of " + item.name(), "fetch the lists again");
            }
            listing.add(DatasetFolder.inside(images, item.name(), images), index.get(item.label()));
        }
        return listing;
    }

    private static List<String> sorted(List<Item> items) {
        return List.copyOf(new TreeSet<>(items.stream().map(Item::label).toList()));
    }

    /** FGVC-Aircraft: 10,000 photographs of 100 variants; learned from train and val. Source: Maji et al. 2013. */
    record FgvcAircraft() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("fgvc-aircraft", "FGVC-Aircraft", 100, 6_667, 3_333, "for non-commercial research",
                    "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/", "fgvc-aircraft-2013b", List.of(DatasetFacts.Download.unchecked(
                            "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/archives/fgvc-aircraft-2013b.tar.gz")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            Parser parser = (list, line) -> {
                String[] parts = line.split(" ", 2);
                if (parts.length < 2) {
                    throw bad(list, "an image and its variant", line);
                }
                return new Item(parts[0] + ".jpg", parts[1]);
            };
            return split(folder, "data/images", items(folder, parser, "data/images_variant_trainval.txt"),
                    items(folder, parser, "data/images_variant_test.txt"), folder.lines("data/variants.txt"), name -> name,
                    "official, learned from train and val");
        }
    }

    /** Food-101: 101,000 photographs. Source: Bossard et al. 2014. */
    record Food101() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("food-101", "Food-101", 101, 75_750, 25_250, "of the photographers on foodspotting.com; research only",
                    "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/", "food-101", List.of(DatasetFacts.Download.md5(
                            "http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz", "85eeb15f3717b99a5da872d97d918f87")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            List<Item> train = part(folder, "train");
            return split(folder, "images", train, part(folder, "test"), sorted(train), DatasetFolder::text, "official");
        }

        private static List<Item> part(DatasetFolder folder, String part) {
            if (folder.has("meta/" + part + ".txt")) {
                return items(folder, (list, line) -> {
                    if (line.indexOf('/') < 1) {
                        throw bad(list, "class/image", line);
                    }
                    return new Item(line + ".jpg", line.substring(0, line.indexOf('/')));
                }, "meta/" + part + ".txt");
            }
            Path list = folder.require("meta/" + part + ".json");
            List<Item> items = new ArrayList<>();
            try {
                Map<String, JsonNode> classes = new TreeMap<>();
                JsonMapper.shared().readTree(list.toFile()).forEachEntry(classes::put);
                classes.forEach((label, images) -> images.forEach(image -> items.add(new Item(image.asString() + ".jpg", label))));
            } catch (JacksonException e) {
                throw new DataException(list, "a JSON object of lists", e.getOriginalMessage(), "fetch it again", e);
            }
            return items;
        }
    }

    /** Oxford-IIIT Pet: 7,349 photographs of 37 breeds. Source: Parkhi et al. 2012. */
    record OxfordPets() implements DatasetSpec {

        private static final String URL = "https://www.robots.ox.ac.uk/~vgg/data/pets/data/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("oxford-pets", "Oxford-IIIT Pet", 37, 3_680, 3_669, "CC BY-SA 4.0",
                    "https://www.robots.ox.ac.uk/~vgg/data/pets/", "oxford-iiit-pet", List.of(
                            DatasetFacts.Download.md5(URL + "images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c"),
                            DatasetFacts.Download.md5(URL + "annotations.tar.gz", "95a8c909bbe2e81eed6a22bccdf3f68f")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            Map<Integer, String> breeds = new TreeMap<>();
            Parser parser = (list, line) -> {
                String[] parts = line.split("\\s+");
                if (parts.length < 4 || parts[0].lastIndexOf('_') < 1) {
                    throw bad(list, "an image, class, species and breed", line);
                }
                String breed = parts[0].substring(0, parts[0].lastIndexOf('_'));
                breeds.put(DatasetFolder.number(list, parts[1]), breed);
                return new Item(parts[0] + ".jpg", breed);
            };
            List<Item> train = items(folder, parser, "annotations/trainval.txt");
            List<Item> test = items(folder, parser, "annotations/test.txt");
            return split(folder, "images", train, test, List.copyOf(breeds.values()), DatasetFolder::text, "official");
        }
    }

    /** DTD: 5,640 textures of 47 kinds; the first of its ten splits, learned from train, tested on test. Source: Cimpoi et al. 2014. */
    record Dtd() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("dtd", "Describable Textures", 47, 1_880, 1_880, "for research",
                    "https://www.robots.ox.ac.uk/~vgg/data/dtd/", "dtd", List.of(DatasetFacts.Download.md5(
                            "https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz", "fff73e5086ae6bdbea199a49dfb8a4c1")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            Parser parser = (list, line) -> {
                if (line.indexOf('/') < 1) {
                    throw bad(list, "class/image", line);
                }
                return new Item(line, line.substring(0, line.indexOf('/')));
            };
            List<Item> train = items(folder, parser, "labels/train1.txt");
            return split(folder, "images", train, items(folder, parser, "labels/test1.txt"), sorted(train), DatasetFolder::text,
                    "official, partition 1");
        }
    }

    /**
     * SUN397: scenes of 397 kinds in folders by first letter. With the lists {@code Training_01.txt} and {@code Testing_01.txt} (50 a class
     * each) they decide; else a share of each class is drawn for testing. Source: Xiao et al. 2010.
     */
    record Sun397() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("sun397", "SUN397", 397, 0, 0, "for research", "https://vision.princeton.edu/projects/2010/SUN/",
                    "SUN397", List.of(DatasetFacts.Download.md5("http://vision.princeton.edu/projects/2010/SUN/SUN397.tar.gz",
                            "8ca2778205c41d23104230ba66911c7a")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            Path root = folder.options().splitList() == null ? folder.root() : folder.options().splitList();
            List<String> classes = folder.lines("ClassName.txt");
            if (Files.exists(root.resolve("Training_01.txt"))) {
                return split(folder, ".", items(root, classes, "Training_01.txt"), items(root, classes, "Testing_01.txt"), classes,
                        Sun397::name, "official, partition 1");
            }
            DatasetFolder.Listing all = folder.listing();
            for (int c = 0; c < classes.size(); c++) {
                for (Path file : DatasetFolder.files(folder.require(classes.get(c).substring(1)))) {
                    all.add(file, c);
                }
            }
            List<String> names = classes.stream().map(Sun397::name).toList();
            return folder.checked(Trees.drawn(folder, all.train(names), all.test(names)));
        }

        private static List<Item> items(Path root, List<String> classes, String name) {
            return DatasetFolder.lines(root.resolve(name)).stream()
                    .map(line -> new Item(line.substring(1), line.substring(0, Math.max(0, line.lastIndexOf('/'))))).toList();
        }

        /** {@code /a/abbey} is an abbey, {@code /c/cathedral/indoor} an indoor cathedral. */
        private static String name(String path) {
            String[] parts = path.replaceFirst("^/./", "").split("/");
            StringBuilder name = new StringBuilder();
            for (int i = parts.length - 1; i >= 0; i--) {
                name.append(parts[i]).append(' ');
            }
            return DatasetFolder.text(name.toString());
        }
    }
}
