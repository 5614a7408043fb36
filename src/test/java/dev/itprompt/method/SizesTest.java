package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.method.hide.MappingNetwork;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers of trainable parameters as published or computed for CLIP ViT-B/16 and D = 768 backbones. */
class SizesTest {

    private final RandomStreams streams = new RandomStreams(0);

    private long classifier(int width, int classes, boolean residual) {
        try (ReferenceDevice device = new ReferenceDevice()) {
            return new FeatureClassifier(device, width, classes,
                    residual ? new MappingNetwork(width, List.of(2)) : FeatureClassifier.Network.NONE, FeatureClassifier.Start.NORMAL,
                    streams.stream("init")).size();
        }
    }

    @Test
    void promptsOfOneTask() {
        assertEquals(38_400, Prompt.random(List.of(0, 1, 2, 3, 4), 5, 768, streams.stream("prompt")).size());
        assertEquals(153_600, Prompt.random(List.of(0, 1, 2, 3, 4), 20, 768, streams.stream("prompt")).size());
    }

    @Test
    void classifiers() {
        assertEquals(51_300, classifier(512, 100, false));
        assertEquals(76_900, classifier(768, 100, false));
    }

    @Test
    void taskInferenceNetworks() {
        assertEquals(1_051_136, classifier(512, 100, true) - classifier(512, 100, false));
        assertEquals(2_363_136, classifier(768, 100, true) - classifier(768, 100, false));
    }
}
