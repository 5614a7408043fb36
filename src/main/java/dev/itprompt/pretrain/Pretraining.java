package dev.itprompt.pretrain;

import dev.itprompt.Excerpt;
import dev.itprompt.Fingerprint;
import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.WriteException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Node;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import dev.itprompt.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Trains a CLIP from scratch on captioned pictures. Order, captions and augmentation of step n depend on the seed and n
 * alone, and the whole training state is saved now and then, so an interrupted run goes on where it was and ends with the
 * same bits.
 */
public final class Pretraining {

    private static final float LARGEST_LOGIT_SCALE = (float) Math.log(100);
    private static final Stage STAGE = new Stage("pretrain", "rate");

    private final PretrainSettings settings;
    private final List<CaptionedImages.Captioned> pictures;
    private final RandomStreams streams;
    private final Tokenizer tokenizer;
    private final PictureAugment augment;
    private final Map<String, Integer> captionIds = new HashMap<>();
    private final Path merges;
    private final Optional<LoadedModel> initial;
    private final Map<String, String> facts = new LinkedHashMap<>();

    /**
     * @param pictures what to learn from; at least one batch
     * @param paths    finds the files that settings name
     * @throws InputException if there are fewer, or the tokenizer leaves nothing of a caption
     */
    public Pretraining(PretrainSettings settings, List<CaptionedImages.Captioned> pictures, Function<String, Path> paths) {
        this.settings = settings;
        this.merges = paths.apply(settings.merges());
        this.initial = settings.initial().isEmpty() ? Optional.empty()
                : Optional.of(ModelReader.read(paths.apply(settings.initial()), LoadOptions.NONE));
        this.pictures = pictures.stream().flatMap(picture -> Collections.nCopies(times(picture), picture).stream()).toList();
        this.streams = new RandomStreams(settings.seed());
        this.tokenizer = Tokenizer.load(merges, settings.text().context());
        this.augment = new PictureAugment(settings.augment(), settings.vision().imageSize());
        if (pictures.size() < settings.batch()) {
            throw new InputException("pretraining needs at least one batch of " + settings.batch() + " pictures, found "
                    + pictures.size() + "; give more folders or a smaller batch");
        }
        facts.put("settings", settings.toString());
        facts.put("pictures", CaptionedImages.fingerprint(pictures));
        facts.put("merges", Fingerprint.ofFile(merges));
        facts.put("initial model", initial.map(model -> model.checkpoint().sha256()).orElse("none"));
        for (CaptionedImages.Captioned picture : pictures) {
            if (captionIds.putIfAbsent(picture.text(), captionIds.size()) == null
                    && tokenizer.encode(tokenizer.escape(picture.text())).length == 0) {
                throw new InputException("pretraining: expected captions that the tokenizer can read, found '"
                        + Excerpt.of(picture.text(), 60) + "' of " + picture.fileName() + "; correct it in "
                        + CaptionedImages.METADATA);
            }
        }
    }

    private int times(CaptionedImages.Captioned picture) {
        String folder = picture.fileName().split("/", 2)[0];
        return settings.emphasized().contains(folder) ? settings.emphasis() : 1;
    }

    /** The model before the first step: with random weights, or the one that the settings name. */
    public Clip initialModel() {
        PretrainSettings.VisionSettings v = settings.vision();
        PretrainSettings.TextSettings t = settings.text();
        VisionTransformer base = VisionTransformer.clip(v.imageSize(), v.patch(), v.width(), v.layers(), v.embedding());
        VisionTransformer vision = new VisionTransformer(base.imageSize(), base.patchSize(), base.width(), base.hidden(),
                base.layers(), base.heads(), base.embedding(), base.activation(), base.epsilon(), base.patchBias(), base.preNorm(),
                v.pooling());
        TextTransformer text = TextTransformer.clip(t.context(), tokenizer.vocabularySize(), t.width(), t.layers(),
                v.embedding());
        if (initial.isEmpty()) {
            return Clip.random(vision, text, Optional.of(tokenizer), streams.stream("weights"));
        }
        if (!(initial.get().model() instanceof Clip clip)) {
            throw new InputException("initial: expected a CLIP, found a model without a text side at " + settings.initial());
        }
        if (!clip.vision().equals(vision) || !clip.text().equals(text)) {
            throw new InputException("initial: " + settings.initial() + " holds a model of other sizes than the settings ask for: "
                    + clip.vision() + " and " + clip.text() + ", expected " + vision + " and " + text);
        }
        return clip;
    }

    /**
     * Runs all steps and saves the model into a folder; goes on from the training state found there. The folder is locked meanwhile.
     *
     * @param folder  for the model and, until the end, the training state
     * @param storage precision of the saved weights
     * @return the trained model
     * @throws InputException                   if another run is going on in the folder, or its training state is damaged or belongs to
     *                                          other settings or pictures
     * @throws dev.itprompt.DivergenceException if loss, gradients or weights are not finite
     */
    public Clip run(Device device, Path folder, StorageType storage, Progress progress) {
        Clip clip = initialModel();
        create(folder);
        try (FolderLock _ = FolderLock.of(folder)) {
            return run(clip, device, folder, storage, progress);
        }
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": cannot be written (" + WriteException.reason(e) + "); choose another folder", e);
        }
    }

    private Clip run(Clip clip, Device device, Path folder, StorageType storage, Progress progress) {
        ContrastiveStep step = ContrastiveStep.of(clip, settings);
        Path state = folder.resolve("training-state.safetensors");
        try (Trainer trainer = new Trainer(device, step.training(), STAGE)) {
            trainer.startAt(restore(state, step, trainer.executable()));
            Map<String, Tensor> trained = trainer.run(new Trainer.Course(settings.steps(), (executable, n) -> feed(step, executable, (int) n), this::rates,
                    (_, n) -> after(state, step, trainer, (int) n + 1)), Checkpoints.NONE, progress);
            Clip result = new Clip(clip.vision(), clip.text(), trained, Optional.of(tokenizer));
            ModelFolder.save(result, folder, Preprocess.named(Normalization.Name.CLIP, clip.vision().imageSize()),
                    Optional.of(merges), storage, Map.of());
            Files.deleteIfExists(state);
            return result;
        } catch (StoppedException e) {
            throw new StoppedException(true);
        } catch (IOException e) {
            throw new WriteException(state, e);
        }
    }

    private void after(Path state, ContrastiveStep step, Trainer trainer, int done) {
        clampLogitScale(step, trainer.executable());
        if (done < settings.steps() && (done % settings.saveEvery() == 0 || StopRequest.isMade())) {
            save(state, step, trainer.executable(), done);
        }
    }

    private Trainer.Rates rates(long n, int group) {
        double rate = settings.rate() * Schedule.warmupCosine((int) n, settings.warmup(), settings.steps(), 0);
        return new Trainer.Rates(rate, group == 0 ? settings.weightDecay() : 0, settings.clip());
    }

    private void feed(ContrastiveStep step, Executable executable, int n) {
        int batch = settings.batch();
        int side = settings.vision().imageSize();
        int context = settings.text().context();
        float[] images = new float[batch * 3 * side * side];
        float[] tokens = new float[batch * context];
        float[] ends = new float[batch];
        int[] captions = new int[batch];
        RandomGenerator random = streams.stream("batch", n);
        for (int b = 0; b < batch; b++) {
            CaptionedImages.Captioned picture = pictures.get(pictureAt((long) n * batch + b));
            captions[b] = captionIds.get(picture.text());
            float[] view = augment.view(picture.image(), random);
            for (int i = 0; i < view.length; i++) {
                int channel = i / (side * side);
                images[b * view.length + i] = (view[i] / 255 - Normalization.CLIP.mean(channel))
                        / Normalization.CLIP.deviation(channel);
            }
            String template = settings.templates().get(random.nextInt(settings.templates().size()));
            int[] ids = tokenizer.tokens(template.replace("{}", tokenizer.escape(picture.text())), true);
            for (int i = 0; i < context; i++) {
                tokens[b * context + i] = ids[i];
                if (ids[i] == tokenizer.eot() && ends[b] == 0) {
                    ends[b] = i;
                }
            }
        }
        executable.write(step.images(), images);
        executable.write(step.tokens(), tokens);
        executable.write(step.ends(), ends);
        executable.write(step.targets(), targets(captions));
    }

    /** Rows spread evenly over all pairs with the row's caption. */
    private static float[] targets(int[] captions) {
        int batch = captions.length;
        float[] targets = new float[batch * batch];
        for (int i = 0; i < batch; i++) {
            int same = 0;
            for (int caption : captions) {
                same += caption == captions[i] ? 1 : 0;
            }
            for (int j = 0; j < batch; j++) {
                targets[i * batch + j] = captions[i] == captions[j] ? 1f / same : 0;
            }
        }
        return targets;
    }

    private int[] order;
    private long orderEpoch = -1;

    /** The picture at a position of the endless sequence of shuffled epochs. */
    private int pictureAt(long position) {
        long epoch = position / pictures.size();
        if (epoch != orderEpoch) {
            order = Orders.permutation(pictures.size(), streams.stream("order", epoch));
            orderEpoch = epoch;
        }
        return order[(int) (position % pictures.size())];
    }

    private static void clampLogitScale(ContrastiveStep step, Executable executable) {
        Node scale = step.training().trained().get("logit_scale");
        if (executable.read(scale).get(0) > LARGEST_LOGIT_SCALE) {
            executable.write(scale, LARGEST_LOGIT_SCALE);
        }
    }

    private static Map<String, Node> stateNodes(ContrastiveStep step) {
        Map<String, Node> nodes = new LinkedHashMap<>(step.training().trained());
        List<Node> moments = step.training().optimizer().state();
        for (int i = 0; i < moments.size(); i++) {
            nodes.put("optimizer." + i, moments.get(i));
        }
        return nodes;
    }

    private void save(Path file, ContrastiveStep step, Executable executable, int done) {
        LinkedHashMap<String, Tensor> tensors = new LinkedHashMap<>();
        stateNodes(step).forEach((name, node) -> tensors.put(name, executable.read(node)));
        STAGE.check(done, tensors);
        Map<String, String> metadata = new LinkedHashMap<>(facts);
        metadata.put("step", Integer.toString(done));
        metadata.put("content", fingerprint(done, tensors));
        SafeTensors.write(file, tensors, metadata, StorageType.FP32);
    }

    private static String fingerprint(int done, Map<String, Tensor> tensors) {
        Fingerprint fingerprint = new Fingerprint().add(done);
        tensors.forEach((name, tensor) -> fingerprint.add(name).add(tensor.data().asByteBuffer()));
        return fingerprint.hex();
    }

    /** @return the step to go on with; 0 when there is no saved state */
    private int restore(Path file, ContrastiveStep step, Executable executable) {
        if (!Files.exists(file)) {
            return 0;
        }
        Checkpoint saved = Checkpoint.open(file);
        List<String> differing = facts.keySet().stream().filter(what -> !facts.get(what).equals(saved.metadata().get(what))).toList();
        if (!differing.isEmpty()) {
            throw new InputException(file + ": the saved training state was made with other " + String.join(" and other ", differing)
                    + "; delete it to start anew, or choose another output folder");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Node> nodes = stateNodes(step);
        nodes.keySet().forEach(name -> tensors.put(name, saved.tensor(name).load()));
        String reached = saved.metadata().getOrDefault("step", "");
        if (!reached.matches("[1-9]\\d{0,8}") || !fingerprint(Integer.parseInt(reached), tensors).equals(saved.metadata().get("content"))) {
            throw new InputException(file + ": expected the training state that was saved, found a damaged file; delete it to start anew");
        }
        nodes.forEach((name, node) -> executable.write(node, tensors.get(name)));
        return Integer.parseInt(reached);
    }
}
