package dev.itprompt.parallel;

import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import java.util.Arrays;

/**
 * What a process that computes parts keeps for those that follow, until it ends: model, images, device, and the compiled step. No result depends on
 * what was computed before.
 */
final class PartProcess {

    /** A step that is compiled. */
    private record Compiled(String name, Graph graph, int[] read, Executable executable) {}

    private static Opening opening;
    private static Opening.Opened opened;
    private static Compiled compiled;

    private PartProcess() {}

    /** Computes a part; one at a time, since the device is one thread's. */
    static synchronized PartJob.Result run(PartWork work, PartJob job) {
        if (!work.opening().equals(opening)) {
            close();
            opened = work.opening().open();
            opening = work.opening();
        }
        if (compiled == null || !compiled.name.equals(work.name())) {
            compile(work);
        }
        long begin = System.nanoTime();
        Graph graph = compiled.graph;
        Executable executable = compiled.executable;
        work.written().forEach((node, values) -> executable.write(graph.nodes().get(node), values));
        work.exact().forEach((node, values) -> executable.writeExact(graph.nodes().get(node), values));
        job.inputs().forEach((node, values) -> executable.write(graph.nodes().get(node), values));
        job.images().forEach((node, images) -> executable.write(graph.nodes().get(node), images.load(opened.images(), opened.pixels())));
        executable.run();
        float[][] values = Arrays.stream(compiled.read).mapToObj(node -> executable.read(graph.nodes().get(node)).toArray()).toArray(float[][]::new);
        return new PartJob.Result(values, (System.nanoTime() - begin) / 1e9);
    }

    private static void compile(PartWork work) {
        closeStep();
        SharedStep step = work.step().value();
        Graph graph = step.graph().graph(opened.weights());
        compiled = new Compiled(work.name(), graph, step.read(), opened.device().compile(graph,
                Arrays.stream(step.read()).mapToObj(graph.nodes()::get).toList()));
    }

    private static void closeStep() {
        if (compiled != null) {
            compiled.executable.close();
            compiled = null;
        }
    }

    private static void close() {
        closeStep();
        if (opened != null) {
            opened.device().close();
            opened = null;
            opening = null;
        }
    }
}
