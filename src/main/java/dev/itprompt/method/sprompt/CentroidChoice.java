package dev.itprompt.method.sprompt;

import java.util.ArrayList;
import java.util.List;

/**
 * The task of an image by the centroid nearest to its prompt-free features: how S-Prompt chooses among its prompts. Centroids are
 * k-means clusters of each task's features (Wang, Huang and Hong 2022).
 */
public final class CentroidChoice {

    private final List<double[][]> tasks = new ArrayList<>();

    /**
     * Adds a task behind those there are.
     *
     * @param centroids at least one, of E numbers each
     */
    public void add(double[][] centroids) {
        tasks.add(centroids);
    }

    /** The task with the centroid at the smallest Euclidean distance, the first of equals; at least one task must be there. */
    public int task(float[] feature) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int task = 0; task < tasks.size(); task++) {
            for (double[] centroid : tasks.get(task)) {
                double distance = squaredDistance(centroid, feature);
                if (distance < least) {
                    least = distance;
                    best = task;
                }
            }
        }
        return best;
    }

    private static double squaredDistance(double[] centroid, float[] feature) {
        double sum = 0;
        for (int i = 0; i < centroid.length; i++) {
            sum += (feature[i] - centroid[i]) * (feature[i] - centroid[i]);
        }
        return sum;
    }
}
