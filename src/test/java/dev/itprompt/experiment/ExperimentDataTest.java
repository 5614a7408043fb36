package dev.itprompt.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.Warnings;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentDataTest {

    @TempDir
    Path folder;

    /** Large images are shrunk when they are read; what the model sees of a test image does not change by that. */
    @Test
    void testImagesAreTransformedAsTheWholeImageWouldBe() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 8; i++) {
            Path file = Files.createDirectories(folder.resolve("class " + i % 2)).resolve(i + ".png");
            BufferedImage image = new BufferedImage(random.nextInt(20, 200), random.nextInt(20, 200), BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < image.getWidth() * image.getHeight(); p++) {
                image.setRGB(p % image.getWidth(), p / image.getWidth(), random.nextInt());
            }
            ImageIO.write(image, "png", file.toFile());
        }
        for (Normalization.Name profile : Normalization.Name.values()) {
            Preprocess own = Preprocess.named(profile, 32);
            ExperimentSettings settings = ExperimentSettings.configuration().set("--set", "dataset.kind=image-folder")
                    .set("--set", "dataset.path=" + folder).set("--set", "dataset.testPath=" + folder)
                    .set("--set", "scenario.split=2x1").build().settings();
            ExperimentData data = ExperimentData.read(settings, new ProjectFolder(folder), own, 2, Warnings.NONE);
            for (ScenarioImages task : data.test()) {
                for (int i = 0; i < task.size(); i++) {
                    float[] seen = new float[3 * 32 * 32];
                    task.load(i, seen, 0, null);
                    assertArrayEquals(own.apply(ImageDecoder.read(folder.resolve(task.source(i))).over(0, 0, 0)), seen,
                            profile + " " + task.source(i));
                }
                assertEquals(4, task.size());
            }
        }
    }
}
