package dev.itprompt.method;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.Clusterable;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;

/** k-means with k-means++ seeding (Arthur &amp; Vassilvitskii 2007), by Commons Math. */
public final class Clusters {

    private static final int ITERATIONS = 50;

    private record Row(float[] feature, double[] point) implements Clusterable {
        @Override
        public double[] getPoint() {
            return point;
        }
    }

    private Clusters() {}

    /**
     * Splits rows into at most {@code k} non-empty clusters.
     *
     * @param k clusters wanted, at least 1
     */
    public static List<float[][]> of(float[][] rows, int k, RandomGenerator random) {
        if (k == 1 || rows.length == 1) {
            return List.<float[][]>of(rows);
        }
        List<Row> points = new ArrayList<>(rows.length);
        for (float[] row : rows) {
            double[] point = new double[row.length];
            for (int i = 0; i < row.length; i++) {
                point[i] = row[i];
            }
            points.add(new Row(row, point));
        }
        KMeansPlusPlusClusterer<Row> clusterer = new KMeansPlusPlusClusterer<>(Math.min(k, rows.length), ITERATIONS,
                new EuclideanDistance(), new Well19937c(random.nextLong()),
                KMeansPlusPlusClusterer.EmptyClusterStrategy.FARTHEST_POINT);
        List<float[][]> clusters = new ArrayList<>();
        for (CentroidCluster<Row> cluster : clusterer.cluster(points)) {
            if (!cluster.getPoints().isEmpty()) {
                clusters.add(cluster.getPoints().stream().map(Row::feature).toArray(float[][]::new));
            }
        }
        return clusters;
    }
}
