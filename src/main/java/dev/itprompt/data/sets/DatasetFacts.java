package dev.itprompt.data.sets;

import java.util.List;

/**
 * What is published about a data set.
 *
 * @param name      by which configurations name it
 * @param title     as its authors write it
 * @param classes   how many; 0 where it is up to the user
 * @param train     number of training images; 0 where it is up to the user
 * @param test      number of test images; 0 where it is up to the user
 * @param licence   of the images, or under which terms they are given
 * @param home      where it is published
 * @param top       the folder that the published archive unpacks to; empty for none
 * @param downloads the published files; empty where they need a login or have gone
 */
public record DatasetFacts(String name, String title, int classes, int train, int test, String licence, String home, String top,
                           List<Download> downloads) {

    /**
     * A published file.
     *
     * @param url       of http or https
     * @param file      its name
     * @param algorithm of the hash as {@code java.security.MessageDigest} calls it; empty if none is published
     * @param hash      as hexadecimal digits
     * @param folder    below the data set's folder, into which it is unpacked or put; empty for that itself
     */
    public record Download(String url, String file, String algorithm, String hash, String folder) {

        /** With an MD5, next to the others. */
        static Download md5(String url, String hash) {
            return new Download(url, url.substring(url.lastIndexOf('/') + 1), "MD5", hash, "");
        }

        /** Without a published hash. */
        static Download unchecked(String url) {
            return new Download(url, url.substring(url.lastIndexOf('/') + 1), "", "", "");
        }

        /** The same, put into a folder. */
        Download into(String below) {
            return new Download(url, file, algorithm, hash, below);
        }
    }

    /** Copies the list. */
    public DatasetFacts {
        downloads = List.copyOf(downloads);
    }

    /** Facts of a format that users fill themselves. */
    static DatasetFacts generic(String name, String title) {
        return new DatasetFacts(name, title, 0, 0, 0, "", "", "", List.of());
    }

    /** Where a user gets it, in a few words. */
    String source() {
        if (home.isEmpty()) {
            return "check dataset.path";
        }
        return (downloads.isEmpty() ? "it is published at " + home : "fetch it with './itprompt datasets get " + name + "' or from "
                + downloads.getFirst().url()) + layout();
    }

    /** What to do where a file is damaged or missing, in fewer words. */
    String again() {
        return home.isEmpty() ? "check dataset.path" : "fetch it again " + (downloads.isEmpty() ? "from " + home
                : "with './itprompt datasets get " + name + "'");
    }

    /** What dataset.path is to be; begins with a semicolon, empty where there is nothing to say. */
    String layout() {
        return top.isEmpty() ? "" : "; dataset.path is the folder '" + top + "' or the one it is in";
    }
}
