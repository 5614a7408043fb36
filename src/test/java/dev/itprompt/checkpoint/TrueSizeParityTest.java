package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Checkpoints of the published sizes (CLIP ViT-B/32, B/16, L/14 and ViT-B/16) against PyTorch. They are several gigabytes and are
 * made on the spot, so this runs by hand only:
 *
 * <pre>
 * python src/test/python/checkpoint_goldens.py --true-size DIR
 * ./mvnw -q -B test -Dtest=TrueSizeParityTest -Ditprompt.trueSize=DIR
 * </pre>
 */
@EnabledIfSystemProperty(named = "itprompt.trueSize", matches = ".+",
        disabledReason = "needs the folder that checkpoint_goldens.py --true-size makes, named by -Ditprompt.trueSize")
class TrueSizeParityTest {

    private static final List<ModelParity> FILES = Stream.concat(ModelParity.ALL.stream().map(ModelParity::published), Stream.of(
            ModelParity.of("openai-clip-torchscript-b32.pt", "clip-b32"),
            ModelParity.of("openai-clip-torchscript-l14.pt", "clip-l14"))).toList();

    @ParameterizedTest
    @FieldSource("FILES")
    void embedsAsPyTorchDoes(ModelParity parity) {
        Path folder = Path.of(System.getProperty("itprompt.trueSize"));
        assertTrue(Files.exists(folder.resolve(parity.file())), parity + " is not in " + folder);
        try (Device device = new CpuDevice(Runtime.getRuntime().availableProcessors())) {
            double error = parity.check(parity.read(folder).model(), folder, device, 1e-4);
            System.out.printf(Locale.ROOT, "%-45s largest relative error %.1e%n", parity, error);
        }
    }
}
