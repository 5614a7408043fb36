package dev.itprompt.report;

import org.apache.commons.math3.special.Beta;

/**
 * McNemar's exact two-sided test of whether two classifiers err equally often on the same images: only images that one alone gets right
 * count, and if there were no difference, each would fall to either by the toss of a coin.
 *
 * @param onlyFirst  images that the first alone gets right
 * @param onlySecond images that the second alone gets right
 * @param p          probability of a split at least as uneven; 1 if there are no such images
 */
public record McNemarTest(int onlyFirst, int onlySecond, double p) {

    /** Of two counts. The tail of the binomial distribution is an incomplete beta function, which is exact for the smallest tails too. */
    public static McNemarTest of(int onlyFirst, int onlySecond) {
        int fewer = Math.min(onlyFirst, onlySecond);
        double p = onlyFirst == onlySecond ? 1 : 2 * Beta.regularizedBeta(0.5, Math.max(onlyFirst, onlySecond), fewer + 1.0);
        return new McNemarTest(onlyFirst, onlySecond, Math.min(1, p));
    }

    /**
     * Of two lists of answers to the same images.
     *
     * @param first  whether the first is right, by image
     * @param second whether the second is
     */
    public static McNemarTest of(boolean[] first, boolean[] second) {
        int onlyFirst = 0;
        int onlySecond = 0;
        for (int i = 0; i < first.length; i++) {
            onlyFirst += first[i] && !second[i] ? 1 : 0;
            onlySecond += second[i] && !first[i] ? 1 : 0;
        }
        return of(onlyFirst, onlySecond);
    }
}
