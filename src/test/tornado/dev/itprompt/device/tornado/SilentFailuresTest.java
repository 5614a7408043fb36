package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.LocalVariableTableAttribute;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong in TornadoVM 5.2.0 without an error: each case is shown to be detected by this device, or to be impossible in its
 * kernels. That a kernel computes rightly, for any size and several sizes in turn, is {@link TornadoOpsTest}'s matter.
 */
class SilentFailuresTest {

    private static final List<Class<?>> KERNELS = List.of(Activations.class, Attentions.class, Axes.class, Elementwise.class,
            LayerNorms.class, Linear.class, TiledLinear.class, Losses.class, Optimizers.class, Reductions.class, Rows.class, Tokens.class,
            Transfers.class);

    private static List<MethodModel> kernelMethods() throws IOException {
        List<MethodModel> methods = new ArrayList<>();
        for (Class<?> kernels : KERNELS) {
            try (InputStream in = kernels.getResourceAsStream(kernels.getSimpleName() + ".class")) {
                ClassModel model = ClassFile.of().parse(in.readAllBytes());
                model.methods().stream().filter(method -> method.code().isPresent()).forEach(methods::add);
            }
        }
        return methods;
    }

    private static List<InvokeInstruction> calls(MethodModel method) {
        return method.code().orElseThrow().elementStream().filter(InvokeInstruction.class::isInstance)
                .map(InvokeInstruction.class::cast).toList();
    }

    private static String name(MethodModel method) {
        return method.parent().orElseThrow().thisClass().asInternalName() + "." + method.methodName().stringValue();
    }

    /** A kernel that cannot be compiled or launched would be run in Java, one item after the other. */
    @Test
    void aKernelThatFailsIsNoSequentialRun() {
        TestedDevice.open().close();
        assertEquals("False", System.getProperty("tornado.recover.bailout"));
    }

    /** Without the table of local variables the compiler gives up, and falls back as above. */
    @Test
    void kernelsAreCompiledWithTheirVariables() throws IOException {
        for (MethodModel method : kernelMethods()) {
            boolean table = method.code().orElseThrow().findAttribute(Attributes.localVariableTable())
                    .map(LocalVariableTableAttribute::localVariables).map(variables -> !variables.isEmpty()).orElse(false);
            assertTrue(table || method.methodTypeSymbol().parameterCount() == 0, name(method));
        }
    }

    /** A local array handed to a helper is read at wrong places. */
    @Test
    void localArraysStayInTheirKernel() throws IOException {
        for (MethodModel method : kernelMethods()) {
            for (InvokeInstruction call : calls(method)) {
                boolean array = call.typeSymbol().parameterList().stream().anyMatch(type -> type.isArray());
                assertFalse(array, name(method) + " hands an array to " + call.name());
            }
        }
    }

    /** Sums over the lanes of a warp give each lane's own value on OpenCL. */
    @Test
    void noKernelUsesWarps() throws IOException {
        for (MethodModel method : kernelMethods()) {
            assertTrue(calls(method).stream().noneMatch(call -> call.name().stringValue().startsWith("simd")), name(method));
        }
    }

    /** The compiler does not end on a method that calls itself. */
    @Test
    void noKernelIsRecursive() throws IOException {
        for (MethodModel method : kernelMethods()) {
            assertTrue(calls(method).stream().noneMatch(call -> call.name().equalsString(method.methodName().stringValue())
                    && call.owner().asInternalName().equals(method.parent().orElseThrow().thisClass().asInternalName())), name(method));
        }
    }

    /** Two graphs of one name would share the code of the first. */
    @Test
    void graphNamesAreUnique() {
        Set<String> names = new HashSet<>(List.of("upload_0", "upload_1", "upload_2", "download_0", "download_1", "download_2"));
        for (Kernel kernel : Kernel.values()) {
            assertTrue(names.add(kernel.graphName()), kernel.graphName());
        }
    }

    /** A number of items that groups do not divide is not launched at all. */
    @Test
    void launchesAreWholeGroups() {
        for (Kernel kernel : Kernel.values()) {
            for (int size : new int[] {1, kernel.group - 1, kernel.group, kernel.group + 1, 1000}) {
                int groups = Launch.items(kernel, size).groups();
                assertTrue(groups * kernel.group >= size && (groups - 1) * kernel.group < size, kernel + " for " + size);
            }
        }
    }

    /** Results of a launch that did not happen would be those of an earlier one. */
    @Test
    void whatWasNotComputedIsNotANumber() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(300));
        Node y = g.exp(x);
        try (Device device = TestedDevice.open(); Executable executable = device.compile(g, List.of(y))) {
            executable.write(x, new float[300]);
            for (float value : executable.read(y).toArray()) {
                assertTrue(Float.isNaN(value), "before the run: " + value);
            }
            executable.run();
            float[] ones = new float[300];
            Arrays.fill(ones, 1);
            assertEquals(Arrays.toString(ones), Arrays.toString(executable.read(y).toArray()));
        }
    }

    /** A failure says which node of the graph, which kernel and which device it was. */
    @Test
    void aFailureNamesNodeKernelAndDevice() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(300));
        Node[] y = new Node[1];
        g.scoped("block", 3, () -> y[0] = g.exp(x));
        Device device = TestedDevice.open();
        Executable executable = device.compile(g, List.of(y[0]));
        device.close();
        var error = assertThrows(TornadoException.class, executable::run);
        assertTrue(error.getMessage().matches(".*Exp \\[300] block.3: tornado:.*: kernel exp failed: .*"), error.getMessage());
    }

    /** Sizes and other numbers are constants of compiled code when they are arguments; here they are data. */
    @Test
    void numbersOfALaterLaunchAreNotThoseOfTheFirst() {
        try (Device device = TestedDevice.open()) {
            for (float factor : new float[] {2, 3}) {
                Graph g = new Graph();
                Node x = g.input("x", Shape.of((int) (10 * factor)));
                Node y = g.scale(x, factor);
                try (Executable executable = device.compile(g, List.of(y))) {
                    float[] ones = new float[x.shape().size()];
                    Arrays.fill(ones, 1);
                    executable.write(x, ones);
                    executable.run();
                    Arrays.fill(ones, factor);
                    assertEquals(Arrays.toString(ones), Arrays.toString(executable.read(y).toArray()));
                }
            }
        }
    }

    /** One table serves all launches, which with CUDA do not wait: it must have been copied when it is filled for the next one. */
    @Test
    void aTableFilledAgainIsNotThatOfALaunchUnderWay() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(512, 512));
        Node slow = g.matMul(g.matMul(x, x), x);
        List<Node> results = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            results.add(g.scale(slow, i));
        }
        try (Device device = TestedDevice.open(); Executable executable = device.compile(g, results)) {
            float[] unit = new float[512 * 512];
            for (int i = 0; i < 512; i++) {
                unit[i * 512 + i] = 1;
            }
            executable.write(x, unit);
            executable.run();
            for (int i = 0; i < results.size(); i++) {
                float[] values = executable.read(results.get(i)).toArray();
                for (int at : new int[] {0, 1, 511 * 512 + 511}) {
                    assertEquals(unit[at] * (i + 1), values[at], "factor " + (i + 1) + ", element " + at);
                }
            }
        }
    }

    /** Pieces of a large array go through one staging array one after the other, without a wait between them. */
    @Test
    void aStagingArrayFilledAgainIsNotThatOfACopyUnderWay() {
        int size = 5 * (1 << 20) + 3;
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(size));
        Node y = g.scale(x, 2);
        try (Device device = TestedDevice.open(); Executable executable = device.compile(g, List.of(y))) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = i & 0xFFFFF;
            }
            executable.write(x, values);
            Arrays.fill(values, Float.NaN); // the caller's array is the caller's again
            executable.run();
            float[] twice = executable.read(y).toArray();
            for (int i = 0; i < size; i++) {
                assertEquals(2f * (i & 0xFFFFF), twice[i], "element " + i);
            }
        }
    }

    /** What keeps both right with CUDA: from memory that is not pinned, the driver has copied all when the call returns. */
    @Test
    void copiesComeFromMemoryThatTheDriverDoesNotReadLater() {
        TestedDevice.open().close();
        assertEquals("false", System.getProperty("tornado.cuda.host.pinning"));
    }

    /** Two threads on one plan get each other's data. */
    @Test
    void aSecondThreadIsRefused() throws InterruptedException {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(1 << 20));
        Node y = g.exp(x);
        try (Device device = TestedDevice.open(); Executable executable = device.compile(g, List.of(y))) {
            CountDownLatch started = new CountDownLatch(1);
            boolean[] refused = {false};
            Thread other = Thread.ofPlatform().start(() -> {
                started.countDown();
                while (!refused[0] && !Thread.interrupted()) {
                    try {
                        executable.run();
                    } catch (IllegalStateException e) {
                        refused[0] = e.getMessage().contains("two threads");
                    }
                }
            });
            started.await();
            boolean here = false;
            for (int i = 0; i < 200 && !refused[0] && !here; i++) {
                try {
                    executable.run();
                } catch (IllegalStateException e) {
                    here = e.getMessage().contains("two threads");
                }
            }
            other.interrupt();
            other.join();
            assertTrue(here || refused[0], "neither of two threads was refused");
        }
    }

    /** A group larger than the device allows would be replaced by one of the driver's choice. */
    @Test
    void groupsThatTheDeviceDoesNotAllowAreRefused() {
        var error = assertThrows(TornadoException.class, () -> TornadoDevice.requireGroup("device", 128));
        assertTrue(error.getMessage().contains("256") && error.getMessage().contains("128"), error.getMessage());
        TornadoDevice.requireGroup("device", Kernel.WIDE);
    }
}
