package dev.itprompt.fuzz;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.Inspection;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.checkpoint.PackedFiles;
import dev.itprompt.checkpoint.PickleWriter;
import dev.itprompt.checkpoint.RawZip;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.checkpoint.StoredTensor;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.cli.TinyProject;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.SettingsListing;
import dev.itprompt.config.SettingsSchema;
import dev.itprompt.continual.ClassOrder;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.IdxImages;
import dev.itprompt.data.ImageFormatsTest;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.sets.Layouts;
import dev.itprompt.data.sets.Split;
import dev.itprompt.experiment.CheckpointReport;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.RunReport;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.pretrain.PretrainSettings;
import dev.itprompt.report.RunReader;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import dev.itprompt.train.StateFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/** Every kind of input that comes from outside, with valid ones of each. */
final class Targets {

    /** Bytes of the largest file of a data set that is changed. */
    private static final int LARGEST_PART = 60_000;
    /** Tensors that are read of a checkpoint in which no model is. */
    private static final int TENSORS = 40;
    private static final LoadOptions HEADS = new LoadOptions("", LoadOptions.Nonlinearity.AUTO, 2, 2, "", 0);
    private static final ImageLoading LOADING = ImageLoading.asStored(1, Warnings.NONE);
    private static final List<String> NAMES = List.of("cat", "dog", "hen", "emu, large");
    private static final List<String> JSON = List.of("\"mean\"", "\"std\"", "\"size\"", "\"heads\"", "\"width\"", "\"layers\"", "\"architecture\"",
            "\"model_args\"", "\"pretrained_cfg\"", "\"preprocess_cfg\"", "\"vision_config\"", "\"text_config\"", "\"shape\"", "\"dtype\"", "\"F64\"",
            "\"BF16\"", "\"I64\"", "\"data_offsets\"", "[0,0]", "\"gelu\"", "\"quick_gelu\"", "\"clip\"", "\"pooling\"", "\"mean\"", "[1,1,1]");

    private final Path folder;
    private final TinyProject project;
    private final Path files;
    private int count;

    private Targets(Path folder) throws IOException {
        this.folder = folder;
        this.project = TinyProject.create(Files.createDirectory(folder.resolve("project")));
        this.files = Files.createDirectory(folder.resolve("files"));
        PackedFiles.unpack(files);
    }

    /** All of them. */
    static List<Target> of(Path folder) throws IOException {
        Targets targets = new Targets(folder);
        List<Target> all = new ArrayList<>();
        all.addAll(targets.settings());
        all.addAll(targets.data());
        all.addAll(targets.dataSets());
        all.addAll(targets.texts());
        all.addAll(targets.checkpoints());
        all.addAll(targets.configurations());
        all.addAll(targets.runs());
        all.add(CommandLines.target(folder.resolve("commands"), targets.project));
        return all;
    }

    // ---- settings -------------------------------------------------------------------------------------------------------

    private List<Target> settings() throws IOException {
        List<byte[]> experiments = List.of(Files.readAllBytes(project.config()), Files.readAllBytes(Path.of("configs/demo.yaml")),
                Files.readAllBytes(Path.of("configs/fashion-mnist.yaml")));
        List<byte[]> pretrainings = List.of(Files.readAllBytes(Path.of("configs/tiny-clip.yaml")));
        List<byte[]> assignments = Stream.of("seed=3", "methods.it-prompt.epochs=5", "methods=it-prompt,ncm", "methods=[lda]", "name=\"a-b\"",
                "methods.it-prompt.layers=0,1,2", "methods.it-prompt.rate=1e-3", "dataset.kind=idx").map(Targets::utf8).toList();
        return List.of(
                new Target("YAML", 400, experiments, keys(ExperimentSettings.schema()), input -> experiment(write("x.yaml", input))),
                new Target("YAML of pretrain", 300, pretrainings, keys(new SettingsSchema(PretrainSettings.class)), input -> SettingsListing.origins(
                        Configuration.of(PretrainSettings.class).file(write("x.yaml", input)).build())),
                new Target("--set", 800, assignments, keys(ExperimentSettings.schema()), input -> SettingsListing.origins(
                        ExperimentSettings.configuration().file(project.config()).set("--set", text(input)).build())),
                new Target("plan of a YAML", 60, experiments.subList(0, 1), keys(ExperimentSettings.schema()), input -> require(
                        TinyProject.run("train", "--plan", "--device", "reference", "--config", write("x.yaml", input).toString()))));
    }

    private static List<String> keys(SettingsSchema schema) {
        return Stream.concat(schema.keys().keySet().stream(), schema.sections().keySet().stream())
                .map(key -> key.substring(key.lastIndexOf('.') + 1)).toList();
    }

    private static void experiment(Path file) {
        Configuration<ExperimentSettings> configuration = ExperimentSettings.configuration().file(file).build();
        SettingsListing.origins(configuration);
        ExperimentSettings.configuration().text("again", configuration.toYaml()).build();
    }

    // ---- data -----------------------------------------------------------------------------------------------------------

    private List<Target> data() throws IOException {
        Path images = project.root().resolve("train-images-idx3-ubyte");
        Path labels = project.root().resolve("train-labels-idx1-ubyte");
        Path heldOut = project.root().resolve("heldout");
        byte[] pixels = Files.readAllBytes(images);
        byte[] classes = Files.readAllBytes(labels);
        Path captioned = Files.createDirectory(folder.resolve("captioned"));
        Files.copy(heldOut.resolve("0.png"), captioned.resolve("0.png"));
        Files.copy(heldOut.resolve("1.png"), captioned.resolve("1.png"));
        return List.of(
                new Target("IDX images", 600, List.of(pixels, gzip(pixels)), List.of(),
                        input -> IdxImages.read(write("images", input), labels, NAMES).image(0)),
                new Target("IDX labels", 400, List.of(classes, gzip(classes)), List.of(),
                        input -> IdxImages.read(images, write("labels", input), NAMES).label(0)),
                new Target("metadata.jsonl", 400, List.of(Files.readAllBytes(heldOut.resolve("metadata.jsonl"))),
                        List.of("\"file_name\"", "\"text\"", "\"0.png\""), input -> {
                            Files.write(captioned.resolve("metadata.jsonl"), input);
                            CaptionedImages.read(captioned, LOADING);
                        }),
                new Target("order of classes", 300, List.of(utf8("dog\n# first\n2\ncat\nemu, large\n")), List.of("cat", "0", "3"),
                        input -> ClassOrder.read(write("order.txt", input), NAMES)),
                new Target("images", 600, pictures(), List.of(),
                        input -> ImageFormatsTest.decodeWithin(100 << 20, input).over(255, 255, 255)));
    }

    private static List<byte[]> pictures() throws IOException {
        List<byte[]> pictures = new ArrayList<>(ImageFormatsTest.validFiles());
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_USHORT_GRAY}) {
            BufferedImage image = new BufferedImage(19, 17, type);
            for (int i = 0; i < 19 * 17; i++) {
                image.setRGB(i % 19, i / 19, i * 0x01030507);
            }
            for (String format : List.of("png", "jpg", "gif", "bmp", "tif")) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                if (ImageIO.write(image, format, out)) {
                    pictures.add(out.toByteArray());
                }
            }
        }
        return pictures;
    }

    // ---- data sets by name ------------------------------------------------------------------------------------------------

    /** Lists and packs of images, each where its data set has it. */
    private List<Target> dataSets() throws IOException {
        Path layouts = Layouts.unpack(folder.resolve("layouts"), "");
        List<Path> files;
        try (Stream<Path> all = Files.walk(layouts)) {
            files = all.filter(file -> Files.isRegularFile(file) && !file.getParent().equals(layouts) && file.toFile().length() < LARGEST_PART
                    && !file.toString().matches(".*(\\.(jpe?g|JPE?G|png|ppm)|[2-5](\\.bin)?|README.txt|_boxes.txt|val1.txt|food.*json)")).sorted().toList();
        }
        List<Target> targets = new ArrayList<>();
        for (Path file : files) {
            Path layout = layouts.resolve(layouts.relativize(file).subpath(0, 1));
            targets.add(changed("data set " + layouts.relativize(file), 20, file, () -> {
                Split split = Layouts.open(layout);
                split.train().image(0);
                split.test().image(split.test().size() - 1);
            }));
        }
        return targets;
    }

    // ---- texts ----------------------------------------------------------------------------------------------------------

    private List<Target> texts() throws IOException {
        Path merges = files.resolve("huggingface-clip/merges.txt");
        byte[] lines = Files.readAllBytes(merges);
        Tokenizer tokenizer = Tokenizer.load(merges, 77);
        List<byte[]> texts = Stream.of("a photo of a cat", "Ünïcode &amp;amp; ＨＴＭＬ &#x1F600; <|endoftext|>",
                "Ã©tÃ© \u201cquoted\u201d", "ΣΑΣ 'll 've 12x").map(Targets::utf8).toList();
        String others = Files.readAllLines(merges).stream().skip(2).collect(Collectors.joining("\", \""));
        byte[] json = utf8("{\"version\": \"1.0\", \"model\": {\"type\": \"BPE\", \"merges\": [[\"d\", \"o\"], \"" + others + "\"]}}");
        Path clip = files.resolve("huggingface-clip");
        return List.of(
                new Target("merges", 400, List.of(lines, utf8("#version: 0.2\ni n\nt h\na n\nr e\n")), List.of("#version", "</w>"),
                        input -> Tokenizer.load(write("merges.txt", input), 77).tokens("a thin red cat", true)),
                new Target("merges, gzipped", 200, List.of(gzip(lines)), List.of(),
                        input -> Tokenizer.load(write("merges.txt.gz", input), 77).tokens("a thin red cat", true)),
                new Target("tokenizer.json", 100, List.of(json), List.of("\"merges\"", "\"model\"", "\"a b\""), input -> read(clip,
                        new LoadOptions("", LoadOptions.Nonlinearity.AUTO, 0, 0, write("tokenizer.json", input).toString(), 0))),
                new Target("text", 800, texts, List.of("&amp;", "&#", ";", "<|startoftext|>", "\u03a3", "\ufb05", "\u0345"), input -> {
                    tokenizer.tokens(text(input), true);
                    tokenizer.tokens(tokenizer.escape(text(input)), true);
                }));
    }

    // ---- checkpoints ----------------------------------------------------------------------------------------------------

    private List<Target> checkpoints() throws IOException {
        Path archive = files.resolve("oddities.pt");
        List<byte[]> torch = new ArrayList<>();
        for (String name : List.of("oddities.pt", "oddities-legacy.pt", "dino.pth", "dino-legacy.pth")) {
            torch.add(Files.readAllBytes(files.resolve(name)));
        }
        byte[] tensor = new PickleWriter().op("}").text("t").tensor().op("s").text("a").array("f4", 1).op("C", 4, "abcd").endArray()
                .op("s").bytes();
        byte[] npy = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }");
        RawZip npz = new RawZip();
        npz.add("stored.npy", npy);
        npz.deflate("deflated.npy", npy);
        byte[] header = utf8("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]}}");
        byte[] index = Files.readAllBytes(files.resolve("huggingface-clip-sharded/model.safetensors.index.json"));
        return List.of(
                new Target("safetensors", 200, List.of(safetensors(header), Files.readAllBytes(
                        files.resolve("augreg-timm.safetensors"))), JSON, this::checkpoint),
                new Target("safetensors header", 600, List.of(header), JSON, input -> checkpoint(safetensors(input))),
                new Target("index of shards", 100, List.of(index), JSON, input -> {
                    Path file = files.resolve("huggingface-clip-sharded/model.safetensors.index.json");
                    Files.write(file, input);
                    checkpoint(file);
                }),
                new Target("PyTorch files", 400, torch, List.of(), this::checkpoint),
                new Target("pickle of one tensor", 400, List.of(tensor), List.of(), input -> checkpoint(RawZip.torch(input).bytes())),
                new Target("pickle", 200, List.of(content(archive, "data.pkl")), List.of(),
                        input -> checkpoint(withPickle(archive, input))),
                new Target("NumPy files", 400, List.of(npy, npz.bytes(), Files.readAllBytes(files.resolve("google-vit.npz"))),
                        List.of("'descr'", "'<f8'", "'>f2'", "'|O'", "True", "(1,)", "()"),
                        this::checkpoint));
    }

    private void checkpoint(byte[] input) throws IOException {
        Path file = folder.resolve(count++ + ".bin");
        try {
            checkpoint(Files.write(file, input));
        } finally {
            file.toFile().delete(); // which fails where a mapped file cannot be deleted
        }
    }

    /** What inspecting and reading do. */
    private static void checkpoint(Path file) {
        Inspection inspection = Inspection.of(file, HEADS);
        CheckpointReport.text(inspection);
        CheckpointReport.json(inspection, inspection.checkpoint().sha256());
        if (inspection.sizes().isPresent()) {
            read(file, HEADS);
        } else {
            inspection.checkpoint().tensors().values().stream().filter(tensor -> tensor.elements() > 0).limit(TENSORS)
                    .forEach(StoredTensor::load);
        }
    }

    private static void read(Path file, LoadOptions options) {
        LoadedModel model = ModelReader.read(file, options);
        if (model.model().vision().imageSize() < 1) {
            throw new AssertionError(model);
        }
    }

    // ---- configurations of models ---------------------------------------------------------------------------------------

    private List<Target> configurations() throws IOException {
        Path huggingFace = files.resolve("huggingface-clip");
        Path openClip = files.resolve("openclip-quickgelu");
        Path timm = Files.createDirectory(folder.resolve("timm"));
        Files.copy(files.resolve("augreg-timm.safetensors"), timm.resolve("model.safetensors"));
        Files.writeString(timm.resolve("config.json"), """
                {"architecture": "vit_base_patch16_224", "num_classes": 10, "num_features": 128, "global_pool": "token",
                 "model_args": {"img_size": 32, "patch_size": 8, "embed_dim": 128, "depth": 2, "num_heads": 2},
                 "pretrained_cfg": {"input_size": [3, 32, 32], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 0.9,
                 "interpolation": "bicubic"}}""");
        Path own = folder.resolve("own");
        LoadedModel clip = ModelReader.read(huggingFace, LoadOptions.NONE);
        ModelFolder.save(clip.model(), own, clip.preprocess(), clip.merges(), StorageType.FP32,
                Map.of(ModelFolder.SOURCE, "model.safetensors"));
        return List.of(
                configuration("config.json of Hugging Face", huggingFace, "config.json"),
                configuration("open_clip_config.json", openClip, "open_clip_config.json"),
                configuration("config.json of timm", timm, "config.json"),
                configuration("config.json of a converted model", own, "config.json"),
                configuration("preprocessor_config.json", own, "preprocessor_config.json"));
    }

    private static Target configuration(String name, Path model, String file) throws IOException {
        byte[] valid = Files.readAllBytes(model.resolve(file));
        return new Target(name, 150, List.of(valid), JSON, input -> {
            Files.write(model.resolve(file), input);
            try {
                Inspection inspection = Inspection.of(model, LoadOptions.NONE);
                inspection.problem().ifPresent(problem -> {
                    throw new InputException(problem);
                });
                CheckpointReport.text(inspection);
            } finally {
                Files.write(model.resolve(file), valid);
            }
        });
    }

    // ---- runs -----------------------------------------------------------------------------------------------------------

    private List<Target> runs() throws IOException {
        Path run = folder.resolve("run");
        String[] again = {"--output", run.toString(), "--set", "methods=zero-shot"};
        require(project.train(again));
        Path results = run.resolve("methods/zero-shot.json");
        Path state = folder.resolve("valid-state.safetensors");
        StateFile.save(state, Targets::visit, Map.of("seed", "0"));
        return List.of(
                new Target("state", 400, List.of(Files.readAllBytes(state)), List.of("\"F64\"", "\"I64\"", "\"U8\"", "\"inner.count\"", "itprompt-state"),
                        input -> StateFile.load(write("state.safetensors", input), Targets::visit)),
                changed("summary of a run", 80, run.resolve("summary.json"), () -> inspect(run)),
                changed("configuration of a run", 80, run.resolve("config.yaml"), () -> inspect(run)),
                changed("metrics of a run", 200, run.resolve("metrics.json"), () -> RunReader.read(run)),
                changed("answers of a run", 200, run.resolve("predictions.csv"), () -> RunReader.read(run)),
                changed("manifest of a run", 60, run.resolve("manifest.json"),
                        () -> require(TinyProject.run("compare", run.toString(), run.toString()))),
                changed("results of a training", 50, results, () -> {
                    run.resolve("summary.json").toFile().delete(); // else there is nothing to go on with
                    require(project.train(again));
                }));
    }

    private static void visit(State state) {
        state.tensor("weights", Tensor.of(Shape.of(2, 2), 1, 2, 3, 4));
        state.doubles("moments", new double[] {0.5, Double.MIN_VALUE});
        state.in("inner").number("count", 3);
        state.numbers("order", new long[] {2, 0, 1});
        state.text("name", "caf\u00e9");
    }

    private static void inspect(Path folder) {
        RunReport report = RunReport.of(folder).orElseThrow();
        report.text();
        report.json();
    }

    /** A file that is changed where it stands, beside others. */
    private static Target changed(String name, int inputs, Path file, Runnable reader) throws IOException {
        byte[] valid = Files.readAllBytes(file);
        return new Target(name, inputs, List.of(valid), List.of("\"methods\"", "\"seeds\""), input -> {
            Files.write(file, input);
            try {
                reader.run();
            } finally {
                Files.write(file, valid);
            }
        });
    }

    // ---- means ----------------------------------------------------------------------------------------------------------

    /** Throws what a command says that it refuses; before that it may warn. No input that is tried here is a reason to fail. */
    static void require(Outcome outcome) {
        List<String> said = outcome.err().lines().filter(line -> !line.startsWith("itprompt: warning: ")).toList();
        if (outcome.exitCode() == 2 && said.size() == 1) {
            throw new InputException(said.getFirst());
        }
        if (outcome.exitCode() != 0 || !said.isEmpty()) {
            throw new AssertionError("exit code " + outcome.exitCode() + ": " + outcome.err());
        }
    }

    /** With all that is in it. */
    static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.toList().reversed();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] safetensors(byte[] header) {
        return ByteBuffer.allocate(8 + header.length + 32).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array();
    }

    private static byte[] npy(String header) {
        byte[] bytes = utf8(header);
        return ByteBuffer.allocate(10 + bytes.length + 24).order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93).put(utf8("NUMPY\1\0"))
                .putShort((short) bytes.length).put(bytes).array();
    }

    /** The member of an archive whose name ends so. */
    private static byte[] content(Path archive, String name) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry member = zip.stream().filter(entry -> entry.getName().endsWith("/" + name)).findFirst().orElseThrow();
            return zip.getInputStream(member).readAllBytes();
        }
    }

    /** An archive of PyTorch with another pickle. */
    private static byte[] withPickle(Path archive, byte[] pickle) throws IOException {
        RawZip copy = new RawZip();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry member : Collections.list(zip.entries())) {
                copy.add(member.getName(), member.getName().endsWith("/data.pkl") ? pickle : zip.getInputStream(member).readAllBytes());
            }
        }
        return copy.bytes();
    }
}
