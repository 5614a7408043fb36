package dev.itprompt.data.sets;

import dev.itprompt.Fingerprint;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.LabeledImages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The images of a data set.
 *
 * @param train   to learn from
 * @param test    to be tested on, with the same classes
 * @param origin  which split it is, in a few words
 * @param groups  classes that belong together as tasks, by their number in the order of labels, such as 10, 10 for two sets of ten;
 *                empty where nothing says so
 * @param domains the domains of the images; null if there are none
 */
public record Split(LabeledImages train, LabeledImages test, String origin, List<Integer> groups, Domains domains) {

    /**
     * The same classes in other styles or surroundings, each a task of domain-incremental learning.
     *
     * @param names of the domains in their order
     * @param train the domain of each training image
     * @param test  the domain of each test image; -1 for one that belongs to all of them
     */
    public record Domains(List<String> names, int[] train, int[] test) { }

    /** Neither groups nor domains. */
    public Split(LabeledImages train, LabeledImages test, String origin) {
        this(train, test, origin, List.of(), null);
    }

    /**
     * The first images of each class, and of each domain of it.
     *
     * @param trainPerClass most training images; 0 takes all
     * @param testPerClass  most test images; 0 takes all
     */
    public Split first(int trainPerClass, int testPerClass) {
        int[] training = first(train, domains == null ? null : domains.train(), trainPerClass);
        int[] testing = first(test, domains == null ? null : domains.test(), testPerClass);
        return select(training, testing);
    }

    private static int[] first(LabeledImages images, int[] domains, int most) {
        Map<Long, Integer> taken = new HashMap<>();
        return IntStream.range(0, images.size()).filter(i -> most == 0
                || taken.merge((long) images.label(i) << 32 | (domains == null ? 0 : domains[i] + 1), 1, Integer::sum) <= most).toArray();
    }

    /**
     * A few training images of each class, and of each domain of it; all test images.
     *
     * @param shots   how many; 0 takes all; fewer where there are fewer
     * @param streams of which each class takes its own
     */
    public Split few(int shots, RandomStreams streams) {
        if (shots == 0) {
            return this;
        }
        Map<Long, List<Integer>> all = new TreeMap<>();
        for (int i = 0; i < train.size(); i++) {
            all.computeIfAbsent((long) train.label(i) << 32 | (domains == null ? 0 : domains.train()[i]), _ -> new ArrayList<>()).add(i);
        }
        List<Integer> chosen = new ArrayList<>();
        all.forEach((key, indices) -> {
            int[] own = indices.stream().mapToInt(Integer::intValue).toArray();
            Trees.shuffle(own, streams.stream("dataset.shots", key));
            IntStream.of(own).limit(shots).forEach(chosen::add);
        });
        return select(chosen.stream().mapToInt(Integer::intValue).sorted().toArray(), IntStream.range(0, test.size()).toArray());
    }

    private Split select(int[] training, int[] testing) {
        boolean all = training.length == train.size() && testing.length == test.size();
        return all ? this : new Split(train.select(training), test.select(testing), origin, groups, domains == null ? null
                : new Domains(domains.names(), IntStream.of(training).map(i -> domains.train()[i]).toArray(),
                        IntStream.of(testing).map(i -> domains.test()[i]).toArray()));
    }

    /**
     * SHA-256 over names of classes and over where images come from with their labels, sorted: the same wherever the set lies and in
     * whatever order it is listed.
     */
    public String hash() {
        Fingerprint fingerprint = new Fingerprint();
        train.classNames().forEach(fingerprint::add);
        for (LabeledImages part : List.of(train, test)) {
            fingerprint.add(part.size());
            IntStream.range(0, part.size()).mapToObj(i -> part.source(i) + '\t' + part.label(i)).sorted().forEach(fingerprint::add);
        }
        return fingerprint.hex();
    }

    /** Copies the list. */
    public Split {
        groups = List.copyOf(groups);
    }
}
