package dev.itprompt.device.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A verification finds devices that compute wrongly, leave elements out, or fail. */
class VerificationTest {

    private static final OpCase SOFTMAX =
            OpCases.all().stream().filter(tested -> tested.ops().contains("Softmax")).findFirst().orElseThrow();

    private static Verification.Row verify(UnaryOperator<Tensor> fault) {
        try (Device device = new Faulty(fault)) {
            Verification verification = new Verification(device);
            verification.check(SOFTMAX);
            return verification.rows().getFirst();
        }
    }

    @Test
    void rightResultsPass() {
        Verification.Row row = verify(tensor -> tensor);
        assertEquals("Softmax", row.op());
        assertTrue(row.passed(), row.toString());
    }

    @Test
    void aWrongElementFails() {
        Verification.Row row = verify(tensor -> {
            tensor.set(0, tensor.get(0) + 1e-3f);
            return tensor;
        });
        assertFalse(row.passed(), row.toString());
        assertEquals(1e-3, row.errors().absolute(), 1e-6);
    }

    @Test
    void anElementThatWasNotComputedFails() {
        Verification.Row row = verify(tensor -> {
            tensor.set(0, Float.NaN);
            return tensor;
        });
        assertFalse(row.passed(), row.toString());
        assertEquals(Double.POSITIVE_INFINITY, row.errors().relative());
    }

    @Test
    void aDeviceThatFailsIsReported() {
        Verification.Row row = verify(_ -> {
            throw new IllegalStateException("out of order");
        });
        assertEquals(List.of(SOFTMAX.name() + ": out of order"), row.failures());
    }

    @Test
    void errorsAreMeasuredAgainstTheLargerOfValuesAndTerms() {
        Errors errors = Errors.between(new double[] {4, -8}, new float[] {4, -8.5f}, 1);
        assertEquals(new Errors(0.5, 0.0625, 0.5 / Math.ulp(8f), 1), errors);
        assertEquals(0.005, Errors.between(new double[] {4, -8}, new float[] {4, -8.5f}, 100).relative());
        assertEquals(Errors.NONE, Errors.between(new double[3], new float[3], 0));
    }

    /** The CPU device with a fault in what is read from it. */
    private record Faulty(CpuDevice device, UnaryOperator<Tensor> fault) implements Device {

        Faulty(UnaryOperator<Tensor> fault) {
            this(new CpuDevice(1), fault);
        }

        @Override
        public String description() {
            return "faulty " + device.description();
        }

        @Override
        public Executable compile(Graph graph, List<Node> results) {
            Executable sound = device.compile(graph, results);
            return new Executable() {
                @Override
                public void write(Node node, Tensor value) {
                    sound.write(node, value);
                }

                @Override
                public void write(Node node, float... values) {
                    sound.write(node, values);
                }

                @Override
                public void run() {
                    sound.run();
                }

                @Override
                public Tensor read(Node node) {
                    return fault.apply(sound.read(node));
                }

                @Override
                public BufferPlan plan() {
                    return sound.plan();
                }

                @Override
                public void close() {
                    sound.close();
                }
            };
        }

        @Override
        public void close() {
            device.close();
        }
    }
}
