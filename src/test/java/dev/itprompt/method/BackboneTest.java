package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.DivergenceException;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.model.Clip;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackboneTest {

    /** However images are put together, each embedding has the same bits: features that are computed once may be kept. */
    @Test
    void anEmbeddingDoesNotDependOnItsNeighbours() {
        TaskImages images = ToyWorld.images(0, 6, 8, 1);
        try (Device device = new CpuDevice(2); Backbone backbone = new Backbone(device, ToyWorld.clip(1), 20)) {
            int[] all = IntStream.range(0, images.size()).toArray();
            float[] together = backbone.images(images, all, null, Backbone.Chance.NONE).toArray();
            int width = backbone.features();
            for (int i : all) {
                float[] alone = backbone.images(images, new int[] {i}, null, Backbone.Chance.NONE).toArray();
                assertArrayEquals(Arrays.copyOfRange(together, i * width, (i + 1) * width), alone, "image " + i);
            }
        }
    }

    /** What a model or a prompt can no longer compute with is said and not handed on. */
    @Test
    void embeddingsThatAreNotFiniteAreNamed() {
        TaskImages images = ToyWorld.images(0, 2, 3, 1);
        int[] all = IntStream.range(0, images.size()).toArray();
        Prompt prompt = Prompt.random(List.of(1), 2, 64, new RandomStreams(1).stream("prompt"));
        prompt.keys().getFirst().set(5, Float.NaN);
        Clip clip = ToyWorld.clip(1);
        for (Device device : List.of(new CpuDevice(1), new ReferenceDevice())) {
            try (Backbone backbone = new Backbone(device, clip, 4)) {
                DivergenceException e = assertThrows(DivergenceException.class, () -> backbone.images(images, all, prompt, Backbone.Chance.NONE));
                assertEquals("image 0: features are not finite (NaN); the prompt has diverged, lower the method's rate", e.getMessage());
            }
            Map<String, Tensor> weights = new TreeMap<>(clip.weights());
            for (String projection : List.of("visual.proj", "text_projection")) {
                Tensor huge = weights.get(projection).copy();
                for (int i = 0; i < huge.shape().size(); i++) {
                    huge.set(i, Math.copySign(3e38f, huge.get(i)));
                }
                weights.put(projection, huge);
            }
            try (Backbone backbone = new Backbone(device, new Clip(clip.vision(), clip.text(), weights, clip.tokenizer()), 4)) {
                DivergenceException e = assertThrows(DivergenceException.class,
                        () -> backbone.images(images, new int[] {2}, null, Backbone.Chance.NONE));
                assertTrue(e.getMessage().matches("image 2: features are not finite \\(.*\\); check the checkpoint and .*"), e.getMessage());
                e = assertThrows(DivergenceException.class, () -> backbone.texts(ToyWorld.CLASSES, false));
                assertTrue(e.getMessage().startsWith("text embeddings are not finite"), e.getMessage());
            }
            device.close();
        }
    }
}
