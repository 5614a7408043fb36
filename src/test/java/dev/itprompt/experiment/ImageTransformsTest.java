package dev.itprompt.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.config.Presets;
import dev.itprompt.continual.NumpyRandom;
import dev.itprompt.data.Augment;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.Transforms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** {@code image.transform} against what Pillow makes of the same pictures. */
class ImageTransformsTest {

    private static Transforms named(String name, int side) {
        return ExperimentData.transforms(ExperimentSettings.configuration().set("--set", "image.transform=" + name).build()
                .settings().image(), Preprocess.pad(side, Normalization.HALF));
    }

    @Test
    void testTransformsArePillowsPixelForPixel() throws IOException {
        Set<String> names = new TreeSet<>();
        try (InputStream in = ImageTransformsTest.class.getResourceAsStream("transforms.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
                String[] words = line.split(" ");
                RgbImage picture = picture(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                RgbImage found = words[0].equals("brightness") ? Augment.brightness(picture, Float.parseFloat(words[3]))
                        : named(words[0], Integer.parseInt(words[3])).test().square(picture);
                assertEquals(words[4], DataFiles.sha256(found.rgb()), line);
                names.add(words[0]);
            }
        }
        names.remove("brightness");
        assertEquals(names, new TreeSet<>(Presets.read(ExperimentSettings.class, "image-presets.yaml").presets().keySet()));
    }

    private static RgbImage picture(int width, int height) {
        NumpyRandom random = new NumpyRandom(width);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.below(256);
        }
        return new RgbImage(width, height, rgb);
    }

    @Test
    void statisticsAndTrainingAreThoseOfThePublishedCode() {
        assertEquals(Normalization.NONE, named("coda", 224).test().normalization());
        assertEquals(ImageResize.Filter.BILINEAR, named("coda", 224).trainFilter());
        assertEquals(Normalization.CIFAR, named("hide-cifar", 224).test().normalization());
        assertEquals(63 / 255.0, named("hide-cifar", 224).jitter());
        assertEquals(0.05, named("pilot", 224).cropArea());
        assertEquals(Normalization.CLIP, named("c3box", 224).test().normalization());
        assertEquals(248, named("timm", 224).test().resize());
        assertEquals(0, named("none", 224).jitter());
        InputException e = assertThrows(InputException.class, () -> named("hyde", 224));
        assertTrue(e.getMessage().contains("did you mean hide?"), e.getMessage());
    }

    /** Without jitter no chance is taken, so that what was trained before is trained again; with it, the mean brightness is kept. */
    @Test
    void jitterKeepsTheMeanAndTakesNoChanceWhenOff() {
        RgbImage gray = new RgbImage(1, 1, new byte[] {100, 100, 100});
        RandomGenerator random = new RandomStreams(1).stream("jitter");
        long before = new RandomStreams(1).stream("jitter").nextLong();
        Augment.randomBrightness(gray, 0, random);
        assertEquals(before, random.nextLong());
        double sum = 0;
        int least = 255;
        int most = 0;
        for (int i = 0; i < 20_000; i++) {
            int value = Augment.randomBrightness(gray, 0.25, random).get(0, 0, 0);
            sum += value;
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        assertEquals(99.5, sum / 20_000, 0.5, "seed 1");
        assertEquals(75, least);
        assertEquals(124, most);
    }
}
