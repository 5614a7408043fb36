package dev.itprompt.device.verify;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs {@link OpCases} on a device, twice each, and gathers by op how far it is from the reference. */
public final class Verification {

    /** Largest relative error of a gradient. */
    public static final double GRADIENT_TOLERANCE = 1e-3;
    /** Largest relative error of everything else, unless a device's matrix products allow for more. */
    public static final double TOLERANCE = 1e-4;

    /**
     * One op.
     *
     * @param results  tensors compared
     * @param failures what was beyond the tolerance: case and errors
     */
    public record Row(String op, int results, Errors errors, double tolerance, List<String> failures) {

        /** Whether all results are within the tolerance. */
        public boolean passed() {
            return failures.isEmpty();
        }
    }

    private final Device device;
    private final Device reference = new ReferenceDevice();
    private final Map<String, Row> rows = new LinkedHashMap<>();

    /** Begins with nothing checked. */
    public Verification(Device device) {
        this.device = device;
    }

    /** The op that a result comes from; variables are results of the optimizer step that stands first. */
    static String op(List<Node> results, Node result) {
        Node source = result.op() instanceof Op.Variable ? results.getFirst() : result;
        return (source.op() instanceof Op.FurtherResult ? source.input(0) : source).op().getClass().getSimpleName();
    }

    /** Runs one case; a device that fails instead of computing is a failure of the case. */
    public void check(OpCase tested) {
        Scene scene = new Scene(1 + tested.name().hashCode());
        tested.build().accept(scene);
        try (Executable expected = scene.compile(reference); Executable actual = scene.compile(device)) {
            for (int run = 1; run <= 2; run++) {
                expected.run();
                actual.run();
                for (Node node : scene.results()) {
                    Errors errors = Errors.between(((ReferenceDevice.Run) expected).readExact(node), actual.read(node).toArray(),
                            tested.scale());
                    add(tested, op(scene.results(), node), multiplies(node), errors, "");
                }
            }
        } catch (RuntimeException e) {
            add(tested, op(scene.results(), scene.results().getFirst()), false, new Errors(Double.POSITIVE_INFINITY,
                    Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0), ": " + e.getMessage());
        }
    }

    private static boolean multiplies(Node node) {
        return node.op() instanceof Op.MatMul || node.op() instanceof Op.Attention || node.op() instanceof Op.AttentionGrad
                || node.inputs().stream().anyMatch(Verification::multiplies);
    }

    private void add(OpCase tested, String op, boolean multiplies, Errors errors, String reason) {
        double usual = op.endsWith("Grad") ? GRADIENT_TOLERANCE : TOLERANCE;
        double tolerance = multiplies ? Math.max(usual, device.productTolerance()) : usual;
        Row row = rows.getOrDefault(op, new Row(op, 0, Errors.NONE, tolerance, List.of()));
        List<String> failures = new ArrayList<>(row.failures);
        if (!(errors.relative() <= tolerance)) {
            failures.add(tested.name() + (reason.isEmpty() ? ": " + errors : reason));
        }
        rows.put(op, new Row(op, row.results + 1, row.errors.max(errors), Math.max(row.tolerance, tolerance), List.copyOf(failures)));
    }

    /** What was found so far, by op. */
    public List<Row> rows() {
        return List.copyOf(rows.values());
    }
}
