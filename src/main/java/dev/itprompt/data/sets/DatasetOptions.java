package dev.itprompt.data.sets;

import dev.itprompt.data.ImageLoading;
import java.nio.file.Path;
import java.util.List;

/**
 * How a data set is to be opened.
 *
 * @param path       its folder, with or without the published archive's top folder
 * @param testPath   of test images that lie elsewhere; null if they do not
 * @param classNames by label, for formats that have none
 * @param splitList  folder or file of a split that is given; null if none is
 * @param check      whether counts and hashes must be the published ones
 * @param testShare  share of the images that are for testing where nothing says which
 * @param splitSeed  of their choice
 * @param unpacked   folder for what has to be unpacked before it can be read; made when it is needed
 * @param train      how training images are decoded
 * @param test       how test images are decoded
 */
public record DatasetOptions(Path path, Path testPath, List<String> classNames, Path splitList, boolean check, double testShare,
                             long splitSeed, Path unpacked, ImageLoading train, ImageLoading test) {

    /** A folder with all else as it is by default; what has to be unpacked goes into a hidden folder in it. */
    public static DatasetOptions of(Path path, ImageLoading loading) {
        return new DatasetOptions(path, null, List.of(), null, true, 0.2, 0, path.resolve(".unpacked"), loading, loading);
    }

    /** The same, whatever the counts and hashes. */
    public DatasetOptions unchecked() {
        return new DatasetOptions(path, testPath, classNames, splitList, false, testShare, splitSeed, unpacked, train, test);
    }

    /** The same in another folder. */
    DatasetOptions at(Path other) {
        return new DatasetOptions(other, testPath, classNames, splitList, check, testShare, splitSeed, unpacked, train, test);
    }
}
