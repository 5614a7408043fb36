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
 * The task of an image by the centroid nearest to its prompt-free features: how S-Prompt chooses among its prompts and its tasks'
 * classifiers, which were learned apart, so that their logits cannot be compared. Centroids are k-means clusters of each task's features
 * (Wang, Huang and Hong 2022).
 */
public final class CentroidChoice implements TaskChoice {

    /** So far below others, logits take no share that a double has room for in a softmax, and still have their order. */
    private static final double APART = 100;

    private final int centroids;
    private final RandomStreams streams;
    private final List<Known> tasks = new ArrayList<>();

    /**
     * A task.
     *
     * @param means      centroids
     * @param firstClass its first class
     * @param endClass   one past its last class
     */
    record Known(double[][] means, int firstClass, int endClass) {

        boolean has(int label) {
            return label >= firstClass && label < endClass;
        }
    }

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
        at.stage(() -> add(new Known(Clusters.of(plain, centroids, streams.stream("kmeans.tasks", task.index())).stream()
                .map(FeatureMatrix::mean).toArray(double[][]::new), task.firstClass(), task.endClass())));
    }

    /** Adds a task behind those there are. */
    void add(Known task) {
        tasks.add(task);
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
            for (double[] centroid : tasks.get(task).means()) {
                double distance = squaredDistance(centroid, feature);
                if (distance < least) {
                    least = distance;
                    best = task;
                }
            }
        }
        return best;
    }

    /**
     * The logits of a task's own classes; those of other classes, in their order, so far below the lowest of them that a softmax leaves them nothing.
     */
    @Override
    public double[] within(double[] logits, int task) {
        Known known = tasks.get(task);
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < logits.length; c++) {
            if (known.has(c)) {
                least = Math.min(least, logits[c]);
            } else {
                most = Math.max(most, logits[c]);
            }
        }
        double lowering = Math.max(0, most - least + APART);
        double[] lowered = logits.clone();
        for (int c = 0; c < logits.length; c++) {
            lowered[c] -= known.has(c) ? 0 : lowering;
        }
        return lowered;
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
        List<Known> present = List.copyOf(tasks);
        int count = state.integer("tasks", present.size());
        tasks.clear();
        for (int t = 0; t < count; t++) {
            List<double[]> means = state.isLoading() ? new ArrayList<>() : new ArrayList<>(List.of(present.get(t).means()));
            state.vectors("centroid." + t, "centroids." + t, means);
            int firstClass = state.integer("firstClass." + t, state.isLoading() ? 0 : present.get(t).firstClass());
            int endClass = state.integer("endClass." + t, state.isLoading() ? 0 : present.get(t).endClass());
            tasks.add(new Known(means.toArray(double[][]::new), firstClass, endClass));
        }
    }
}
