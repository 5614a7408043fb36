package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.ModelConfig.Tower;
import dev.itprompt.data.ImageResize.Filter;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The {@code config.json} of timm: the {@code architecture}'s name, {@code model_args} that differ from what the name means, and {@code
 * pretrained_cfg} with how images are prepared, whose keys older files have at the top. What {@code pretrained_cfg} leaves out is as in
 * the library's {@code PretrainedCfg}.
 */
final class TimmConfig {

    static final String NAME = "config.json";

    private TimmConfig() {}

    /** What it says; nothing if it is another program's. */
    static ModelConfig read(JsonFile json, ModelSizes sizes, KeyMatch match) {
        Optional<String> named = json.text("architecture");
        if (named.isEmpty()) {
            return ModelConfig.NONE;
        }
        String architecture = named.get();
        if (!PublishedHeads.isPlain(architecture)) {
            throw CheckpointException.setting(json.file(), "architecture", "a plain vision transformer such as vit_base_patch16_224",
                    architecture, "it computes something else and is not read");
        }
        ModelSizes.Image image = sizes.image();
        JsonFile args = json.in("model_args");
        requireArchitecture(json, args);
        json.requireSize("num_features", 0, image.width());
        args.requireSize("embed_dim", 0, image.width());
        args.requireSize("depth", 0, image.layers());
        args.requireSquare("img_size", 0, image.side());
        args.requireSquare("patch_size", 0, image.patch());
        requireClasses(json, match);
        return new ModelConfig(new Tower(heads(json, args, architecture, image), Optional.empty(), Optional.empty()), Tower.NONE,
                preprocess(json, image.side(), architecture));
    }

    /** Refuses what would compute something else from tensors of the same names and shapes. */
    private static void requireArchitecture(JsonFile json, JsonFile args) {
        json.requirePlain("global_pool", "token");
        args.requirePlain("global_pool", "token");
        args.requirePlain("act_layer", "gelu");
        args.requirePlain("norm_layer", "null");
        args.requirePlain("class_token", "true");
        args.requirePlain("no_embed_class", "false");
        args.requirePlain("pool_include_prefix", "false");
        args.requirePlain("pre_norm", "false");
        args.requirePlain("block_fn", "null");
    }

    /** The classifier shows whether the configuration belongs to the file. */
    private static void requireClasses(JsonFile json, KeyMatch match) {
        StoredTensor head = match.checkpoint().tensors().get(match.prefix() + "head.weight");
        if (head != null && head.shape().size() == 2 && head.shape().getFirst() <= Integer.MAX_VALUE) {
            json.requireSize("num_classes", 0, head.shape().getFirst().intValue());
        }
    }

    private static Optional<Fact<Integer>> heads(JsonFile json, JsonFile args, String architecture, ModelSizes.Image image) {
        Optional<Integer> given = args.number("num_heads");
        if (given.isPresent()) {
            return Optional.of(new Fact<>(ModelConfig.heads(args, "num_heads", given.get(), image.width()),
                    NAME + ", model_args.num_heads"));
        }
        return args.has("embed_dim") // then timm keeps the number of heads that the name means, not their width
                ? Optional.of(new Fact<>(ModelConfig.heads(args, "embed_dim", PublishedHeads.number(architecture), image.width()),
                        "as many as in " + architecture + ", named by " + NAME))
                : PublishedHeads.named(architecture, false, NAME, image);
    }

    private static Optional<Fact<Preprocess>> preprocess(JsonFile json, int side, String architecture) {
        JsonFile cfg = json.has("pretrained_cfg") ? json.in("pretrained_cfg") : json;
        if (!json.has("pretrained_cfg") && !json.has("mean") && !json.has("std")) {
            return architecture.startsWith("deit") ? Optional.of(new Fact<>(Preprocess.named(Normalization.Name.IMAGENET, side),
                    "as DeiT was trained, which " + NAME + " names")) : Optional.empty();
        }
        List<Double> size = cfg.numbers("input_size").orElse(List.of(3.0, (double) side, (double) side));
        if (!size.equals(List.of(3.0, (double) side, (double) side))) {
            throw cfg.wrong("input_size", "[3, " + side + ", " + side + "], as the tensors' shapes tell");
        }
        cfg.requirePlain("crop_mode", "center", "squash");
        Filter filter = switch (cfg.text("interpolation").orElse("bicubic")) {
            case "bicubic" -> Filter.BICUBIC;
            case "bilinear" -> Filter.BILINEAR;
            case "lanczos" -> Filter.LANCZOS;
            case "box" -> Filter.BOX;
            default -> throw cfg.wrong("interpolation", "bicubic, bilinear, lanczos or box");
        };
        int resize = (int) Math.floor(side / cfg.positive("crop_pct", 1).orElse(0.875));
        JsonNode mode = cfg.node().path("crop_mode");
        Preprocess.Fit fit = mode.isString() && mode.stringValue().equals("squash") ? Preprocess.Fit.SQUASH : Preprocess.Fit.CROP;
        if (resize > Preprocess.MAX_RESIZE) {
            throw cfg.wrong("crop_pct", "a share of the image that the model's " + side + " pixels can be");
        }
        Normalization normalization = OpenClipConfig.statistics(cfg, Normalization.IMAGENET);
        boolean told = cfg.has("mean") || cfg.has("std");
        return Optional.of(new Fact<>(new Preprocess(side, fit, resize, filter, normalization), told ? NAME + ", " + cfg.section()
                + "mean and std" : "timm's default, which " + NAME + " leaves out"));
    }
}
