package dev.itprompt.method;

import dev.itprompt.RandomStreams;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.model.VisionTransformer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A small CLIP with random weights and pictures of six classes that even it can tell apart. */
public final class ToyWorld {

    public static final int SIDE = 16;
    public static final List<String> CLASSES = List.of("cat", "dog", "bus", "cup", "hat", "key");

    private ToyWorld() {}

    public static Clip clip(long seed) {
        byte[] merges = "#version: toy\na t</w>\n".getBytes(StandardCharsets.UTF_8);
        Tokenizer tokenizer = Tokenizer.read(new ByteArrayInputStream(merges), "toy", 24);
        return Clip.random(VisionTransformer.clip(SIDE, 8, 64, 3, 32),
                TextTransformer.clip(24, tokenizer.vocabularySize(), 64, 1, 32), Optional.of(tokenizer),
                new RandomStreams(seed).stream("weights"));
    }

    /**
     * Settings for it.
     *
     * @param changes {@code key=value}
     */
    public static ItPromptSettings settings(String... changes) {
        Configuration.Builder<ItPromptSettings> settings = Configuration.of(ItPromptSettings.class).text("toy", """
                length: 2
                batch: 8
                stepsOfPass: 1
                epochs: 3
                mostSteps: 0
                rate: 0.02
                headRate: 0.02
                schedule: constant
                augment: false
                inference: {rate: 5e-3, replayRate: 0.01}
                replay: {statistics: covariance, centroids: 3, start: trained, epochs: 20, samples: 16, batches: 2, leastSteps: 0, mostSteps: 0}
                cncm: {power: 0.5}
                """);
        for (String change : changes) {
            settings.set("toy", change);
        }
        return settings.build().settings();
    }

    /** Pictures of some classes: a pattern of the class's own plus noise. */
    public static TaskImages images(int firstClass, int endClass, int perClass, long seed) {
        return images(SIDE, firstClass, endClass, perClass, seed);
    }

    /** The same for a model of another size. */
    public static TaskImages images(int side, int firstClass, int endClass, int perClass, long seed) {
        int pixels = 3 * side * side;
        int size = (endClass - firstClass) * perClass;
        float[][] data = new float[size][pixels];
        RandomStreams streams = new RandomStreams(seed);
        for (int i = 0; i < size; i++) {
            RandomGenerator pattern = new RandomStreams(1).stream("pattern", firstClass + i % (endClass - firstClass));
            RandomGenerator noise = streams.stream("noise", firstClass, i);
            for (int p = 0; p < pixels; p++) {
                data[i][p] = (float) (pattern.nextGaussian() + 0.4 * noise.nextGaussian());
            }
        }
        return new TaskImages() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public int label(int index) {
                return firstClass + index % (endClass - firstClass);
            }

            @Override
            public int identity(int index) {
                return (int) (seed * 10_000 + firstClass * 1_000) + index;
            }

            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                System.arraycopy(data[index], 0, target, offset, pixels);
            }
        };
    }
}
