package dev.itprompt.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The image tower as an ONNX graph with its weights as initializers, run by ONNX Runtime with all its optimizations. */
final class OnnxPeer implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    /** @param weights by the names of OpenAI's CLIP, without {@code visual.} */
    OnnxPeer(String name, Map<String, Tensor> weights, int threads) throws OrtException, IOException {
        Map<String, OnnxTensorLike> initializers = new HashMap<>();
        for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
            initializers.put(weight.getKey(), tensor(arranged(weight.getKey(), weight.getValue())));
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                InputStream in = OnnxPeer.class.getResourceAsStream(name)) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addExternalInitializers(initializers);
            session = environment.createSession(in.readAllBytes(), options);
        }
    }

    /** As the graph has them: matrices of linear layers as [in, out]. */
    private static Tensor arranged(String name, Tensor weight) {
        Shape shape = weight.shape();
        if (name.equals("class_embedding")) {
            return weight.reshape(Shape.of(1, 1, shape.size()));
        }
        if (shape.rank() != 2 || name.equals("proj") || name.equals("positional_embedding")) {
            return weight;
        }
        int rows = shape.dim(0);
        int columns = shape.dim(1);
        Tensor transposed = Tensor.zeros(Shape.of(columns, rows));
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                transposed.set(j * rows + i, weight.get(i * columns + j));
            }
        }
        return transposed;
    }

    OnnxTensor tensor(Tensor tensor) throws OrtException {
        FloatBuffer values = ByteBuffer.allocateDirect(4 * tensor.shape().size()).order(ByteOrder.nativeOrder()).asFloatBuffer();
        values.put(tensor.toArray()).flip();
        return OnnxTensor.createTensor(environment, values, Arrays.stream(tensor.shape().dims()).asLongStream().toArray());
    }

    /** Embeds a batch. */
    float[] embed(OnnxTensor images) throws OrtException {
        try (OrtSession.Result result = session.run(Map.of("images", images))) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            return copy;
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
