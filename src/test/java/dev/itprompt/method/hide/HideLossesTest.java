package dev.itprompt.method.hide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.CentralDifferences;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HideLossesTest {

    @Test
    void contrastHasTheGradientOfCentralDifferences() {
        for (boolean first : new boolean[] {true, false}) {
            Scene scene = new Scene(21);
            Node features = scene.variable(4, 5);
            Node loss = Contrast.of(scene.graph(), first ? null : scene.normal(3, 5), features, Contrast.TEMPERATURE);
            CentralDifferences.check(scene, loss, List.of(features), "contrast, first task " + first + ", seed 21");
        }
    }

    /** Networks of one to four hidden widths; the layer in the middle has a norm and no activation. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void theMappingNetworkHasTheGradientOfCentralDifferences(int depth) {
        MappingNetwork network = new MappingNetwork(4, List.of(2, 3, 2, 1).subList(0, depth));
        Map<String, Tensor> values = network.initial(new SplittableRandom(depth));
        assertEquals(2 * (depth + 1) + 2 + (depth > 1 ? 2 : 0), values.size(), "one more norm from two hidden widths on");
        assertEquals(depth > 1, values.containsKey("layers." + depth / 2 + ".norm.weight"));
        assertFalse(values.containsKey("layers.0.norm.weight"));
        assertTrue(values.get("layers.0.bias").get(0) == 0 && values.get("norm.weight").get(3) == 1);
        Scene scene = new Scene(depth);
        values.replaceAll((_, value) -> scene.tensor(value.shape().dims()));
        Graph g = scene.graph();
        Node x = scene.variable(3, 4);
        Parameters parameters = Parameters.trainable(g, values);
        Node loss = g.sumTo(g.multiply(network.apply(parameters, x), scene.normal(3, 4)), Shape.SCALAR);
        CentralDifferences.check(scene, loss, CentralDifferences.variables(g), "mapping network, seed " + depth);
    }
}
