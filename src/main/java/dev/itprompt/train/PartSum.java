package dev.itprompt.train;

import java.util.Arrays;

/**
 * The sum of what parts of a batch give, in the order of the parts and in groups of {@value #GROUP} that do not depend on who computes
 * them: the parts of a group are added, then the groups.
 */
final class PartSum {

    private static final int GROUP = 16;
    /** Memory for each number: two sums, a part's own and the mean. */
    static final long BYTES = 4 * Float.BYTES;

    private final float[] groups;
    private final float[] group;
    private int parts;

    /** @param size numbers that each part gives */
    PartSum(int size) {
        groups = new float[size];
        group = new float[size];
    }

    /** Forgets all parts. */
    void clear() {
        Arrays.fill(groups, 0);
        Arrays.fill(group, 0);
        parts = 0;
    }

    /** Adds the next part. */
    void add(float[] part) {
        if (parts > 0 && parts % GROUP == 0) {
            addTo(groups, group);
            Arrays.fill(group, 0);
        }
        addTo(group, part);
        parts++;
    }

    private static void addTo(float[] sum, float[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    /** The mean over the parts that have been added. */
    float[] mean() {
        float[] mean = groups.clone();
        addTo(mean, group);
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= parts;
        }
        return mean;
    }
}
