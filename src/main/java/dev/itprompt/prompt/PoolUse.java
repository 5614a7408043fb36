package dev.itprompt.prompt;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much images used each entry of a pool.
 *
 * @param images  how many
 * @param sums    for each entry: to how many images it was given or, where every image gets a mixture of all entries, the sum over images of its
 *                weight's absolute value
 * @param weighed whether they are sums of weights
 */
public record PoolUse(int images, double[] sums, boolean weighed) {

    /** The use by these images and others, whose pool may have more entries or fewer. */
    public PoolUse plus(PoolUse others) {
        double[] all = Arrays.copyOf(sums, Math.max(sums.length, others.sums.length));
        for (int entry = 0; entry < others.sums.length; entry++) {
            all[entry] += others.sums[entry];
        }
        return new PoolUse(images + others.images, all, weighed);
    }

    /** The use of several pools, by their names, by these images and others; either may name none. */
    public static Map<String, PoolUse> sum(Map<String, PoolUse> some, Map<String, PoolUse> others) {
        Map<String, PoolUse> all = new LinkedHashMap<>(some);
        others.forEach((name, use) -> all.merge(name, use, PoolUse::plus));
        return all;
    }
}
