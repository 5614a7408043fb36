package dev.itprompt.trace;

import dev.itprompt.device.Device;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.hide.MappingNetwork;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.trace.Trace.Recorded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The network of HiDe-Prompt's task-identity inference by itself, with more than one hidden width. */
final class TracedMapping {

    private TracedMapping() {}

    static void run(Device device, Trace trace, Comparison comparison) {
        Graph g = new Graph();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, double[]> values = new LinkedHashMap<>();
        for (String parameter : trace.below("param/")) {
            Recorded recorded = trace.get("param/" + parameter);
            tensors.put(TracedReplay.ours(parameter), Tensor.of(Shape.of(recorded.shape()), Machine.floats(recorded.values())));
            values.put(TracedReplay.ours(parameter), recorded.values());
        }
        int width = trace.get("in").shape()[1];
        List<Integer> hidden = new ArrayList<>();
        for (int layer = 0; tensors.containsKey("layers." + (layer + 1) + ".weight"); layer++) {
            hidden.add(tensors.get("layers." + layer + ".weight").shape().dim(0) / width);
        }
        Node in = g.variable("in", Tensor.of(Shape.of(trace.get("in").shape()), Machine.floats(trace.values("in"))));
        Node weight = g.input("weight", in.shape());
        Parameters parameters = Parameters.trainable(g, tensors);
        Node out = new MappingNetwork(width, hidden).apply(parameters, in);
        Node loss = g.sumTo(g.multiply(out, weight), Shape.SCALAR);
        Map<String, Node> variables = new LinkedHashMap<>(parameters.nodes());
        variables.put("in", in);
        values.put("in", trace.values("in"));
        List<Node> gradients = Gradients.of(g, loss, List.copyOf(variables.values()));
        List<Node> results = new ArrayList<>(gradients);
        results.add(out);
        try (Machine machine = new Machine(device, g, results)) {
            variables.forEach((name, node) -> machine.write(node, values.get(name)));
            machine.write(weight, trace.values("weight"));
            machine.run();
            comparison.check("out", machine.read(out));
            Map<String, Node> named = new LinkedHashMap<>();
            variables.keySet().forEach(name -> named.put(name, gradients.get(named.size())));
            trace.below("grad/").forEach(parameter ->
                    comparison.check("grad/" + parameter, machine.read(named.get(TracedReplay.ours(parameter)))));
        }
    }
}
