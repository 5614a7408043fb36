package dev.itprompt.method.ranpac;

import dev.itprompt.linear.Matrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.ridge.LabeledRows;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeChoice;
import dev.itprompt.method.ridge.RidgeRegression;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores {@code hᵀ·(G + λI)⁻¹·Q} of random features {@code h = max(0, xᵀ·W)}: W [E, M] is drawn once, G sums h·hᵀ over all images
 * of all tasks, and column c of Q sums h over those of class c (McDonnell et al. 2023, RanPAC, equations 5 to 7). At the end of
 * each task λ is chosen anew by that task alone: every fifth of its images is held out from a regression on the others, as its
 * authors hold out a fifth of them in random order.
 */
final class RandomProjection implements FrozenFeatures.Classifier {

    private final double givenRidge;
    private final RandomFeatures map;
    private final RidgeRegression sums;
    private final List<float[][]> ofTask = new ArrayList<>();
    private double ridge = 1;
    private Matrix weights;

    RandomProjection(RanpacSettings settings, RandomFeatures map) {
        this.givenRidge = settings.ridge();
        this.map = map;
        this.sums = new RidgeRegression(map.size());
    }

    @Override
    public void addClass(float[][] features) {
        ofTask.add(features);
    }

    @Override
    public void taskDone() {
        LabeledRows rows = LabeledRows.of(sums.classes(), ofTask);
        ofTask.clear();
        if (givenRidge > 0) {
            ridge = givenRidge;
            sums.add(map, rows);
        } else {
            ridge = RidgeChoice.learn(sums, map, rows, ridge);
        }
        weights = sums.required(ridge);
    }

    /** The ridge in use. */
    double ridge() {
        return ridge;
    }

    @Override
    public double[][] scores(float[][] features, int seen) {
        return RidgeRegression.outputs(map, features, weights);
    }

    /** They come from a regression to one-hot targets, and may be negative or add up to more than 1. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        map.visit(state.in("projection"));
        sums.visit(state.in("sums"));
        ridge = state.doubles("ridge", new double[] {ridge})[0];
        weights = RidgeRegression.visit(state.in("weights"), weights);
    }
}
