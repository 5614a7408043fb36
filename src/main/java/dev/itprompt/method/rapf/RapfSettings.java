package dev.itprompt.method.rapf;

import dev.itprompt.Setting;
import java.util.List;

/** Settings of RAPF. */
public record RapfSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none", presets = "rapf-presets.yaml")
        String preset,
        @Setting(meaning = "most images per training step", byDefault = "32", min = 1)
        int batch,
        @Setting(meaning = "passes over a task's images", byDefault = "15", min = 0)
        int epochs,
        @Setting(meaning = "most steps of a task's training: fewer passes where images are many; 0 for no limit", byDefault = "600", min = 0)
        int mostSteps,
        @Setting(meaning = "Adam's learning rate for the map", byDefault = "1e-3", min = 0)
        double rate,
        @Setting(meaning = "passes after which the rate is a tenth of what it was", byDefault = "[4, 10]")
        List<Integer> milestones,
        @Setting(meaning = "features drawn of old classes", inline = true)
        OldSettings old,
        @Setting(meaning = "old classes whose texts are near those of new ones", inline = true)
        PairSettings pairs,
        @Setting(meaning = "what is added to the share of the new map, after a task, where it has changed most relative to the others; 1 takes the new map",
                byDefault = "0.6", min = 0, max = 1)
        double mixing) {

    /** Pseudo-features of old classes, which stand beside the task's images. */
    public record OldSettings(
            @Setting(meaning = "old classes that a step draws features of, in turn", byDefault = "8", min = 1)
            int classesOfStep,
            @Setting(meaning = "features drawn of each", byDefault = "10", min = 1)
            int samples,
            @Setting(meaning = "whether mean variance and mean covariance are added to a class's covariance", byDefault = "false")
            boolean shrunk) {}

    /** Pairs that are held apart by a hinge loss. */
    public record PairSettings(
            @Setting(meaning = "largest Euclidean distance of two normalised texts whose classes are a pair", byDefault = "0.55", min = 0)
            double threshold,
            @Setting(meaning = "by how much features of the old class are to be nearer, by cosine, to its own text", byDefault = "0.1", min = 0)
            double margin,
            @Setting(meaning = "pairs that a step draws features of, in turn", byDefault = "10", min = 1)
            int pairsOfStep,
            @Setting(meaning = "features drawn of the old class of each", byDefault = "40", min = 1)
            int pairSamples) {}

    /** Checks what a range cannot say. */
    public RapfSettings {
        if (milestones.stream().anyMatch(pass -> pass < 1)) {
            throw new IllegalArgumentException("milestones: expected passes of at least 1, found " + milestones);
        }
    }

    /** The rate during a pass, from 0. */
    double rateOf(long pass) {
        return rate * Math.pow(0.1, milestones.stream().filter(milestone -> pass >= milestone).count());
    }
}
