package dev.itprompt.peers;

import ai.djl.Model;
import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** TorchScript run by libtorch. Tensors that are given stay; results of a run are freed with it. */
final class TorchPeer implements AutoCloseable {

    private final Engine engine;
    private final NDManager manager;
    private final ParameterStore parameters;

    /** Starts libtorch with so many threads; once in a process. */
    TorchPeer(int threads) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        this.engine = Engine.getEngine("PyTorch");
        this.manager = engine.newBaseManager();
        this.parameters = new ParameterStore(manager, true);
    }

    String version() {
        return "libtorch " + engine.getVersion();
    }

    /** Loads a script that is bundled with this program. */
    Model script(String name) {
        Model model = Model.newInstance(name, "PyTorch");
        try (InputStream in = TorchPeer.class.getResourceAsStream(name + ".pt")) {
            model.load(in);
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedModelException e) {
            throw new IllegalStateException(e);
        }
    }

    NDArray array(Tensor tensor) {
        int[] dims = tensor.shape().dims();
        return manager.create(tensor.toArray(), new ai.djl.ndarray.types.Shape(Arrays.stream(dims).asLongStream().toArray()));
    }

    NDArray whole(Tensor tensor) {
        return array(tensor).toType(DataType.INT64, true);
    }

    NDArray trained(Tensor tensor) {
        NDArray array = array(tensor);
        array.setRequiresGradient(true);
        return array;
    }

    /** Marks arrays as one argument, a list. */
    static List<NDArray> list(String name, List<NDArray> arrays) {
        arrays.forEach(array -> array.setName(name + "[]"));
        return arrays;
    }

    /** Runs without gradients. */
    float[] run(Model script, List<NDArray> arguments, boolean read) {
        try (NDManager scope = manager.newSubManager()) {
            NDList results = script.getBlock().forward(parameters, new NDList(arguments), false);
            results.attach(scope);
            return read ? results.get(0).toFloatArray() : null;
        }
    }

    /** Runs forward and backward from the first result. */
    float train(Model script, List<NDArray> arguments) {
        try (NDManager scope = manager.newSubManager(); GradientCollector collector = engine.newGradientCollector()) {
            NDList results = script.getBlock().forward(parameters, new NDList(arguments), true);
            results.attach(scope);
            collector.backward(results.get(0));
            return results.get(0).getFloat();
        }
    }

    /** GFLOP/s of a matrix product of a block's size: tells whether the library uses what the processor has. */
    double matrixProductRate() {
        try (NDManager scope = manager.newSubManager()) {
            NDArray a = scope.ones(new ai.djl.ndarray.types.Shape(1576, 768));
            NDArray b = scope.ones(new ai.djl.ndarray.types.Shape(768, 3072));
            List<Double> rates = new ArrayList<>();
            for (int i = 0; i < 60; i++) { // the first ones are slow, so the best half counts
                long start = System.nanoTime();
                a.matMul(b).close();
                rates.add(2.0 * 1576 * 768 * 3072 / (System.nanoTime() - start));
            }
            rates.sort(null);
            return rates.get(3 * rates.size() / 4);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
