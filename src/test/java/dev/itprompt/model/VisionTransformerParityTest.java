package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The image towers with prefix prompts against PyTorch: output and gradients, weights frozen and trained. */
class VisionTransformerParityTest {

    /** One run of a tower. */
    record Run(String device, Supplier<Device> open, double tolerance, boolean trainable) {
        @Override
        public String toString() {
            return device + (trainable ? ", weights trained" : ", weights frozen");
        }
    }

    static List<Run> runs() {
        return List.of(
                new Run("reference", ReferenceDevice::new, Golden.DOUBLE, false),
                new Run("reference", ReferenceDevice::new, Golden.DOUBLE, true),
                new Run("cpu", () -> new CpuDevice(2), Golden.SINGLE, false),
                new Run("cpu", () -> new CpuDevice(2), Golden.SINGLE, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void clip(Run run) {
        VisionTransformer tower = new VisionTransformer(24, 8, 36, 144, 3, 3, 21, Op.Activation.QUICK_GELU, 1e-5f, false, true,
                VisionTransformer.Pooling.CLASS_TOKEN);
        check(run, tower, new Golden("clip-vision.safetensors", name -> name));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void timm(Run run) {
        VisionTransformer tower = new VisionTransformer(24, 8, 40, 160, 2, 2, 0, Op.Activation.GELU, 1e-6f, true, false,
                VisionTransformer.Pooling.CLASS_TOKEN);
        Golden golden = new Golden("timm-vision.safetensors", VisionTransformerParityTest::openAiName);
        golden.dropLeadingOnes("visual.class_embedding");
        golden.dropLeadingOnes("visual.positional_embedding");
        check(run, tower, golden);
    }

    private static void check(Run run, VisionTransformer tower, Golden golden) {
        Graph graph = new Graph();
        Parameters parameters = golden.parameters(graph, run.trainable());
        Map<Integer, Transformer.Prefix> prefixes = golden.prefixes(graph);
        Node output = tower.apply(parameters, golden.variable(graph, "image"), prefixes);
        Map<String, Node> trainable = new LinkedHashMap<>(run.trainable() ? parameters.nodes() : Map.of());
        prefixes.forEach((layer, prefix) -> {
            trainable.put("golden.prefix." + layer + ".keys", prefix.keys());
            trainable.put("golden.prefix." + layer + ".values", prefix.values());
        });
        assertTrue(!run.trainable() || trainable.keySet().containsAll(golden.gradientNames()), "a gradient is not compared");
        try (Device device = run.open().get()) {
            golden.check(device, run.tolerance(), graph, output, trainable);
        }
    }

    /** timm's name of a weight in the terms of OpenAI's CLIP. */
    private static String openAiName(String name) {
        return name.startsWith("golden.") ? name : TimmNames.openAi(name);
    }
}
