package dev.itprompt.method.l2p;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.model.VisionTransformer.Place;

/** Settings of L2P. */
public record L2pSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none", presets = "l2p-presets.yaml")
        String preset,
        @Setting(meaning = "the pool", inline = true)
        PoolSettings pool,
        @Setting(meaning = "where tokens stand", inline = true)
        TokenSettings tokens,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {

    /** The pool that all tasks share. */
    public record PoolSettings(
            @Setting(meaning = "entries of the pool", byDefault = "10", min = 1)
            int entries,
            @Setting(meaning = "tokens of an entry", byDefault = "5", min = 1, max = 512)
            int length,
            @Setting(meaning = "entries that each image gets", byDefault = "5", min = 1)
            int count,
            @Setting(meaning = "weight of the pull of chosen keys to queries", byDefault = "0.1", min = 0)
            double pull,
            @Setting(meaning = "whether the images of a batch vote for entries in training, as published code has it; at test they do in the answer "
                    + "-batch-vote only", byDefault = "false")
            boolean vote,
            @Setting(meaning = "whether classes that have not been learned compete at test, as published code has it", byDefault = "false")
            boolean unmasked) {

        /** Checks what a range cannot say. */
        public PoolSettings {
            if (count > entries) {
                throw new IllegalArgumentException("count: expected no more than the " + entries + " entries, found " + count);
            }
        }
    }

    /** What tokens are beside those of the image. */
    public record TokenSettings(
            @Setting(meaning = "where they stand: after-class-token, before-class-token or instead-of-class-token",
                    byDefault = "after-class-token")
            Place place,
            @Setting(meaning = "whether they get the position embedding of the class token", byDefault = "true")
            boolean positioned,
            @Setting(meaning = "whether the mean of their outputs is classified, and not what the model has for features", byDefault = "true")
            boolean averaged) {

        /** Checks what no single setting can say. */
        public TokenSettings {
            if (place == Place.INSTEAD_OF_CLASS_TOKEN && !averaged) {
                throw new IllegalArgumentException("averaged: expected true where tokens stand instead of the class token, found false");
            }
        }
    }
}
