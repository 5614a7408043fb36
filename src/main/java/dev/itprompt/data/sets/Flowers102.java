package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.MatFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Oxford 102 Flower: 8,189 photographs of flowers, with MATLAB files of labels and split; the training images are those of the list
 * {@code trnid}, 10 a class. Source: Nilsback and Zisserman 2008.
 */
record Flowers102() implements DatasetSpec {

    private static final String URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/";
    private static final DatasetFacts FACTS = new DatasetFacts("flowers-102", "Oxford 102 Flower", 102, 1_020, 6_149, "none stated", URL,
            "flowers-102", List.of(DatasetFacts.Download.md5(URL + "102flowers.tgz", "52808999861908f626f3c1f4e79d11fa"),
                    DatasetFacts.Download.md5(URL + "imagelabels.mat", "e0620be6f572b9609742df49c70aed4d"),
                    DatasetFacts.Download.md5(URL + "setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c")));

    @Override
    public DatasetFacts facts() {
        return FACTS;
    }

    @Override
    public Split open(DatasetFolder folder) {
        Path labelFile = folder.require("imagelabels.mat");
        Path setFile = folder.require("setid.mat");
        folder.checkHash(labelFile, "MD5", "e0620be6f572b9609742df49c70aed4d");
        folder.checkHash(setFile, "MD5", "a5357ecc9cb78c4bef273ce3793fc85c");
        int[] labels = MatFile.read(labelFile).numbers("labels");
        MatFile sets = MatFile.read(setFile);
        Path images = folder.require("jpg");
        List<String> names = ImageNetR.resource("flowers-102-classes.txt");
        Split split = new Split(listing(folder, sets.numbers("trnid"), labels, images, setFile)
                .train(names), listing(folder, sets.numbers("tstid"), labels, images, setFile)
                .test(names), "official, learned from the training images without those for validation");
        DatasetFolder.requireFiles(split.train(), split.test());
        return folder.checked(split);
    }

    private static DatasetFolder.Listing listing(DatasetFolder folder, int[] ids, int[] labels, Path images, Path file) {
        DatasetFolder.Listing listing = folder.listing();
        for (int id : ids) {
            if (id < 1 || id > labels.length) {
                throw new DataException(file, "image numbers from 1 to " + labels.length, String.valueOf(id), "fetch it again");
            }
            listing.add(images.resolve(String.format(Locale.ROOT, "image_%05d.jpg", id)), labels[id - 1] - 1);
        }
        return listing;
    }
}
