package dev.itprompt.features;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a shard holds.
 *
 * @param index   its number, from 0
 * @param shards  number of all shards
 * @param file    its name
 * @param source  of the images, as the manifest calls it
 * @param first   number of the first image in the source
 * @param rows    images that have a row
 * @param failed  images that have none
 * @param sha256  of the file
 * @param facts   what the features were computed with
 * @param seconds that it took; stands in no file
 */
public record ShardResult(int index, int shards, String file, String source, int first, int rows, List<Failure> failed, String sha256,
                          Map<String, String> facts, double seconds) implements Serializable {

    /**
     * An image that cannot be read.
     *
     * @param image  its name
     * @param reason why, in a line
     */
    public record Failure(String image, String reason) implements Serializable {}
}
