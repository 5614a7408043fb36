package dev.itprompt.nn;

import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One optimizer step as part of a graph: gradients of a loss, their global norm, and an in-place update of every parameter.
 * Learning rate, weight decay and clip norm are inputs of the graph, one set per group.
 *
 * @param groups  parameters with common rates, and the inputs that set these
 * @param step    input []: number of the step, from 1 (null for SGD)
 * @param norm    Euclidean length of all gradients together, before clipping
 * @param state   moments or velocities; zero before the first step
 * @param updates the steps themselves; to be among the results of the compiled graph
 */
public record Optimizer(List<Group> groups, Node step, Node norm, List<Node> state, List<Node> updates) {

    /** How a parameter moves. */
    public sealed interface Rule {

        /** Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019). */
        record AdamW(double beta1, double beta2, double epsilon) implements Rule {
            /** The usual constants 0.9, 0.999, 1e-8. */
            public static final AdamW DEFAULT = new AdamW(0.9, 0.999, 1e-8);
        }

        /** Stochastic gradient descent with momentum, as torch defines it. */
        record Sgd(double momentum) implements Rule {}
    }

    /**
     * @param parameters variables that share their rates
     * @param rates      input [3]: learning rate, weight decay, clip norm (infinite for none)
     */
    public record Group(List<Node> parameters, Node rates) {}

    /**
     * Adds gradients and updates to the graph.
     *
     * @param parameters one list of variables per group
     */
    public static Optimizer of(Graph graph, Node loss, Rule rule, List<List<Node>> parameters) {
        List<Node> all = parameters.stream().flatMap(List::stream).toList();
        List<Node> gradients = Gradients.of(graph, loss, all);
        Node norm = graph.globalNorm(gradients);
        Node step = rule instanceof Rule.AdamW ? graph.input("optimizer.step", Shape.SCALAR) : null;
        List<Group> groups = new ArrayList<>();
        List<Node> state = new ArrayList<>();
        List<Node> updates = new ArrayList<>();
        int next = 0;
        for (List<Node> members : parameters) {
            Node rates = graph.input("optimizer.rates." + groups.size(), Shape.of(3));
            groups.add(new Group(List.copyOf(members), rates));
            for (Node parameter : members) {
                Node gradient = gradients.get(next++);
                Node first = graph.variable("optimizer.first", Tensor.zeros(parameter.shape()));
                state.add(first);
                switch (rule) {
                    case Rule.AdamW adam -> {
                        Node second = graph.variable("optimizer.second", Tensor.zeros(parameter.shape()));
                        state.add(second);
                        updates.add(graph.apply(new Op.AdamW(adam.beta1(), adam.beta2(), adam.epsilon()), parameter, first,
                                second, gradient, rates, step, norm));
                    }
                    case Rule.Sgd sgd -> updates.add(graph.apply(new Op.Sgd(sgd.momentum()), parameter, first, gradient, rates,
                            norm));
                }
            }
        }
        return new Optimizer(List.copyOf(groups), step, norm, List.copyOf(state), List.copyOf(updates));
    }

    /** The gradients of all parameters, in the order of the groups. */
    public List<Node> gradients() {
        return norm.inputs();
    }

    /**
     * The same steps apart from what computes the gradients.
     *
     * @param graph   norm and updates alone
     * @param nodes   of this graph by those of the other: parameters and state, which begin as they do there, rates, step number, norm and
     *                updates; the gradients are inputs
     * @param results what is to be done in a run and read after it
     */
    public record Apart(Graph graph, Map<Node, Node> nodes, List<Node> results) {}

    /** Describes the steps in a graph of their own. */
    public Apart apart() {
        Graph graph = new Graph();
        Map<Node, Node> nodes = new HashMap<>();
        gradients().forEach(gradient -> nodes.computeIfAbsent(gradient, node -> graph.input("gradient", node.shape())));
        nodes.put(norm, graph.globalNorm(gradients().stream().map(nodes::get).toList()));
        List<Node> results = new ArrayList<>();
        for (Node update : updates) {
            Node[] inputs = update.inputs().stream().map(input -> nodes.computeIfAbsent(input, node -> switch (node.op()) {
                case Op.Variable variable -> graph.variable(variable.name(), variable.initial());
                case Op.Input given -> graph.input(given.name(), node.shape());
                default -> throw new IllegalStateException(node + " is no source");
            })).toArray(Node[]::new);
            nodes.put(update, graph.apply(update.op(), inputs));
            results.add(nodes.get(update));
        }
        results.add(nodes.get(norm));
        return new Apart(graph, nodes, results);
    }

    /** What is to be done in a run and read after it: the steps, the loss and the gradients' length. */
    public List<Node> results(Node loss) {
        List<Node> results = new ArrayList<>(updates);
        results.add(loss);
        results.add(norm);
        return results;
    }
}
