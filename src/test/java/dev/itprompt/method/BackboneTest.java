package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackboneTest {

    /** However images are put together, each embedding has the same bits: features that are computed once may be kept. */
    @Test
    void anEmbeddingDoesNotDependOnItsNeighbours() {
        TaskImages images = ToyWorld.images(0, 6, 8, 1);
        try (Device device = new CpuDevice(2); Backbone backbone = new Backbone(device, ToyWorld.clip(1), 20)) {
            int[] all = IntStream.range(0, images.size()).toArray();
            float[] together = backbone.images(images, all, null, null).toArray();
            int width = backbone.features();
            for (int i : all) {
                float[] alone = backbone.images(images, new int[] {i}, null, null).toArray();
                assertArrayEquals(Arrays.copyOfRange(together, i * width, (i + 1) * width), alone, "image " + i);
            }
        }
    }
}
