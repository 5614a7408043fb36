package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.StoredImages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Sets that show the same classes in several domains: DomainNet and CORe50. */
final class DomainSets {

    private DomainSets() { }

    private static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    /** DomainNet: 345 classes in six styles, each with lists of training and test images. Source: Peng et al. 2019. */
    record DomainNet() implements DatasetSpec {

        private static final List<String> DOMAINS = List.of("clipart", "infograph", "painting", "quickdraw", "real", "sketch");
        private static final String URL = "http://csr.bu.edu/ftp/visda/2019/multi-source/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("domainnet", "DomainNet", 345, 0, 0, "for non-commercial research",
                    "http://ai.bu.edu/M3SDA/ (cleaned version)", "domainnet", DOMAINS.stream().map(domain -> DatasetFacts.Download
                            .unchecked(URL + (domain.equals("clipart") || domain.equals("painting") ? "groundtruth/" : "") + domain + ".zip"))
                    .toList());
        }

        @Override
        public Split open(DatasetFolder folder) {
            Map<Integer, String> names = new TreeMap<>();
            List<Integer> trainDomains = new ArrayList<>();
            List<Integer> testDomains = new ArrayList<>();
            DatasetFolder.Listing train = folder.listing();
            DatasetFolder.Listing test = folder.listing();
            for (int d = 0; d < DOMAINS.size(); d++) {
                add(folder, DOMAINS.get(d) + "_train.txt", train, d, trainDomains, names);
                add(folder, DOMAINS.get(d) + "_test.txt", test, d, testDomains, names);
            }
            List<String> byLabel = IntStream.range(0, names.size()).mapToObj(label -> names.getOrDefault(label, "class " + label)).toList();
            Split split = new Split(train.train(byLabel), test.test(byLabel), "official", List.of(),
                    new Split.Domains(DOMAINS, array(trainDomains), array(testDomains)));
            DatasetFolder.requireFiles(split.train(), split.test());
            return folder.checked(split);
        }

        private static void add(DatasetFolder folder, String list, DatasetFolder.Listing listing, int domain, List<Integer> domains,
                                Map<Integer, String> names) {
            Path file = folder.require(list);
            for (String line : DatasetFolder.lines(file)) {
                int blank = line.lastIndexOf(' ');
                String[] parts = blank < 0 ? new String[0] : line.substring(0, blank).split("/");
                if (parts.length < 2) {
                    throw new DataException(file, "lines of domain/class/image and a label", "'" + line + "'", "fetch the file again");
                }
                int label = DatasetFolder.number(file, line.substring(blank));
                names.putIfAbsent(label, DatasetFolder.text(parts[parts.length - 2]));
                listing.add(DatasetFolder.inside(folder.root(), line.substring(0, blank), file), label);
                domains.add(domain);
            }
        }
    }

    /**
     * CORe50: 50 objects filmed in eleven sessions, frames of 128x128. Eight sessions are domains to learn from; the third, seventh and
     * tenth are to test on, for all domains alike. Source: Lomonaco and Maltoni 2017.
     */
    record Core50() implements DatasetSpec {

        private static final List<String> CATEGORIES = List.of("plug adapter", "mobile phone", "scissors", "light bulb", "can", "glasses",
                "ball", "marker", "cup", "remote control");
        private static final List<Integer> TEST = List.of(3, 7, 10);
        private static final int SESSIONS = 11;
        private static final int OBJECTS = 50;
        private static final String URL = "http://bias.csr.unibo.it/maltoni/download/core50/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("core50", "CORe50", OBJECTS, 0, 0, "CC BY 4.0", "https://vlomonaco.github.io/core50/", "core50_128x128",
                    List.of(DatasetFacts.Download.unchecked(URL + "core50_128x128.zip")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            List<String> names = IntStream.range(0, OBJECTS).mapToObj(o -> CATEGORIES.get(o / 5) + " " + (o % 5 + 1)).toList();
            List<String> sessions = new ArrayList<>();
            List<Integer> trainDomains = new ArrayList<>();
            DatasetFolder.Listing train = folder.listing();
            DatasetFolder.Listing test = folder.listing();
            for (int s = 1; s <= SESSIONS; s++) {
                boolean testing = TEST.contains(s);
                for (int o = 1; o <= OBJECTS; o++) {
                    for (Path file : DatasetFolder.files(folder.require("s" + s + "/o" + o))) {
                        (testing ? test : train).add(file, o - 1);
                        if (!testing) {
                            trainDomains.add(sessions.size());
                        }
                    }
                }
                if (!testing) {
                    sessions.add("session " + s);
                }
            }
            int[] testDomains = new int[test.size()];
            Arrays.fill(testDomains, -1);
            StoredImages trainImages = train.train(names);
            return folder.checked(new Split(trainImages, test.test(names), "official, sessions 3, 7 and 10 for testing", List.of(),
                    new Split.Domains(sessions, array(trainDomains), testDomains)));
        }
    }
}
