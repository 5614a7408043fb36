package dev.itprompt.checkpoint;

import static dev.itprompt.tensor.TensorAssert.assertClose;

import dev.itprompt.checkpoint.LoadOptions.Nonlinearity;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint that PyTorch wrote and the golden file with what PyTorch computes from it; both are made by {@code
 * src/test/python/checkpoint_goldens.py}, whose head says which belong together.
 *
 * @param file      of the checkpoint
 * @param golden    the golden file's name without its endings
 * @param embedding the golden image embedding's name
 * @param options   to read the checkpoint with
 */
record ModelParity(String file, String golden, String embedding, LoadOptions options) {

    private static final String IMAGE = "image_embedding";
    /** What the small models under timm's names do not tell. */
    static final LoadOptions TWO_HEADS = new LoadOptions("", Nonlinearity.AUTO, 2, 0, "", 0);

    /** Every family, in every container. */
    static final List<ModelParity> ALL = List.of(
            of("openai-clip-torchscript.pt", "clip-quickgelu"), of("openai-clip-state-dict.pt", "clip-quickgelu"),
            of("openai-clip-legacy.pt", "clip-quickgelu"), of("openclip-quickgelu", "clip-quickgelu"),
            of("huggingface-clip", "clip-quickgelu"), of("huggingface-clip-sharded", "clip-quickgelu"),
            of("huggingface-clip-bin", "clip-quickgelu"), of("openclip", "clip-gelu"),
            new ModelParity("openclip-training.pt", "clip-gelu", IMAGE, new LoadOptions("", Nonlinearity.GELU, 2, 1, "", 0)),
            small("dino.pth"), small("dino-legacy.pth"), small("ibot-1k-teacher.pth"), small("augreg-timm.bin"),
            small("augreg-timm.safetensors"), of("google-vit.npz", "vit"), of("google-vit-prefixed.npz", "vit"),
            of("ibot-21k.pth", "ibot-21k"), branch("ibot-21k.pth", "ibot-21k", "student", "student"),
            of("mocov3.pth.tar", "mocov3"), branch("mocov3.pth.tar", "mocov3", "momentum", "momentum_encoder"));

    /** As the checkpoint says. */
    static ModelParity of(String file, String golden) {
        return new ModelParity(file, golden, IMAGE, LoadOptions.NONE);
    }

    /** A file that does not tell its two heads. */
    private static ModelParity small(String file) {
        return new ModelParity(file, "vit", IMAGE, TWO_HEADS);
    }

    /** The same file at its published size, which tells the heads. */
    ModelParity published() {
        return new ModelParity(file, golden, embedding, new LoadOptions(options.branch(), options.activation(), 0, 0, "", 0));
    }

    private static ModelParity branch(String file, String golden, String suffix, String branch) {
        return new ModelParity(file, golden, IMAGE + "." + suffix, new LoadOptions(branch, Nonlinearity.AUTO, 0, 0, "", 0));
    }

    /** Reads the checkpoint from a folder that holds it as it is. */
    LoadedModel read(Path folder) {
        return ModelReader.read(folder.resolve(file), options);
    }

    /**
     * Compares the embeddings of a model with PyTorch's.
     *
     * @param goldens   folder of the golden files
     * @param tolerance largest error, relative to the largest value
     * @return the largest error found
     */
    double check(PretrainedModel model, Path goldens, Device device, double tolerance) {
        Checkpoint expected = Checkpoint.open(goldens.resolve(golden + ".golden.safetensors"));
        Tensor image = expected.tensor("image").load();
        Graph g = new Graph();
        Node images = g.input("images", image.shape());
        Node embedded = model.vision().apply(Parameters.frozen(g, model.weights()), images, Map.of());
        double error;
        try (Executable executable = device.compile(g, List.of(embedded))) {
            executable.write(images, image);
            executable.run();
            error = assertClose(expected.tensor(embedding).load(), executable.read(embedded), tolerance, file + " image");
        }
        return model instanceof Clip clip ? Math.max(error, checkTexts(clip, expected, device, tolerance)) : error;
    }

    private double checkTexts(Clip clip, Checkpoint expected, Device device, double tolerance) {
        Tensor tokens = expected.tensor("tokens").load();
        int rows = tokens.shape().dim(0);
        int context = tokens.shape().dim(1);
        Graph g = new Graph();
        Node ids = g.input("tokens", tokens.shape());
        Node ends = g.input("ends", Shape.of(rows));
        Node embedded = clip.text().apply(Parameters.frozen(g, clip.weights()), ids, ends);
        float[] positions = new float[rows];
        for (int i = 0; i < rows * context; i++) {
            int best = i / context * context + (int) positions[i / context];
            positions[i / context] = tokens.get(i) > tokens.get(best) ? i % context : positions[i / context];
        }
        try (Executable executable = device.compile(g, List.of(embedded))) {
            executable.write(ids, tokens);
            executable.write(ends, positions);
            executable.run();
            assertClose(expected.tensor("logit_scale").load(), clip.weights().get("logit_scale"), tolerance, file + " logit scale");
            return assertClose(expected.tensor("text_embedding").load(), executable.read(embedded), tolerance, file + " text");
        }
    }

    @Override
    public String toString() {
        return file + (options.branch().isEmpty() ? "" : " " + options.branch());
    }
}
