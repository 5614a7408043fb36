package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The text tower against PyTorch: causal mask, pooling at the end-of-text token, output and gradients. */
class TextTransformerParityTest {

    private static final TextTransformer TOWER = new TextTransformer(11, 50, 28, 112, 2, 2, 21, Op.Activation.QUICK_GELU, 1e-5f);
    private static final int END = 49;

    @Test
    void matchesOnTheReference() {
        check(new ReferenceDevice(), Golden.DOUBLE);
    }

    @Test
    void matchesOnTheCpu() {
        check(new CpuDevice(2), Golden.SINGLE);
    }

    private static void check(Device device, double tolerance) {
        Golden golden = new Golden("clip-text.safetensors", name -> name);
        Graph graph = new Graph();
        Parameters parameters = golden.parameters(graph, true);
        Tensor tokens = golden.get("tokens");
        Node output = TOWER.apply(parameters, golden.variable(graph, "tokens"), graph.constant(ends(tokens)));
        assertTrue(parameters.nodes().keySet().containsAll(golden.gradientNames()), "a gradient is not compared");
        try (device) {
            golden.check(device, tolerance, graph, output, parameters.nodes());
        }
    }

    /** Where each row has its end-of-text token. */
    private static Tensor ends(Tensor tokens) {
        Tensor ends = Tensor.zeros(Shape.of(tokens.shape().dim(0)));
        for (int i = 0; i < tokens.shape().size(); i++) {
            if (tokens.get(i) == END) {
                ends.set(i / tokens.shape().last(), i % tokens.shape().last());
            }
        }
        return ends;
    }
}
