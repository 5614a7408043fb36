package dev.itprompt.method.sprompt;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.method.Clusters;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.prompted.TaskChoice;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The task of an image by the centroid nearest to its prompt-free features: how S-Prompt chooses among its prompts. Centroids are
 * k-means clusters of each task's features (Wang, Huang and Hong 2022).
 */
public final class CentroidChoice implements TaskChoice {

    private final int centroids;
    private final RandomStreams streams;
    private final List<double[][]> tasks = new ArrayList<>();

    /**
     * @param centroids most of a task
     * @param streams   of the run
     */
    public CentroidChoice(int centroids, RandomStreams streams) {
        this.centroids = centroids;
        this.streams = streams;
    }

    @Override
    public void learn(Task task, float[][] plain, Checkpoints at, Progress progress) {
        at.stage(() -> add(Clusters.of(plain, centroids, streams.stream("kmeans.tasks", task.index())).stream().map(FeatureMatrix::mean)
                .toArray(double[][]::new)));
    }

    /**
     * Adds a task behind those there are.
     *
     * @param means at least one, of E numbers each
     */
    public void add(double[][] means) {
        tasks.add(means);
    }

    @Override
    public int[] tasks(float[][] plain) {
        return Arrays.stream(plain).mapToInt(this::task).toArray();
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

    @Override
    public void visit(State state) {
        List<double[][]> present = List.copyOf(tasks);
        int count = state.integer("tasks", present.size());
        tasks.clear();
        for (int t = 0; t < count; t++) {
            List<double[]> means = state.isLoading() ? new ArrayList<>() : new ArrayList<>(List.of(present.get(t)));
            state.vectors("centroid." + t, "centroids." + t, means);
            tasks.add(means.toArray(double[][]::new));
        }
    }
}
