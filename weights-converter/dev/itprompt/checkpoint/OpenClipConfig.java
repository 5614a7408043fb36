package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.ModelConfig.Tower;
import dev.itprompt.data.ImageResize.Filter;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.graph.Op.Activation;
import java.util.Optional;

/**
 * The {@code open_clip_config.json} of OpenCLIP: {@code model_cfg} with the model's sizes, {@code preprocess_cfg} with how images are
 * prepared. What is left out is as in the library's {@code CLIPVisionCfg}, {@code CLIPTextCfg} and {@code PreprocessCfg}.
 */
final class OpenClipConfig {

    static final String NAME = "open_clip_config.json";
    private static final String LEFT_OUT = "open_clip's default, which " + NAME + " leaves out";

    private OpenClipConfig() {}

    static ModelConfig read(JsonFile json, ModelSizes sizes) {
        JsonFile model = json.has("vision_cfg") ? json : json.in("model_cfg");
        if (!model.has("vision_cfg") || !model.has("text_cfg")) {
            throw json.wrong("model_cfg", "an object with vision_cfg and text_cfg");
        }
        JsonFile vision = model.in("vision_cfg");
        JsonFile language = model.in("text_cfg");
        requireArchitecture(vision, language);
        model.requireSize("embed_dim", 0, sizes.image().embedding());
        Fact<Activation> activation = model.flag("quick_gelu")
                .map(quick -> new Fact<>(quick ? Activation.QUICK_GELU : Activation.GELU, NAME + ", " + model.section() + "quick_gelu"))
                .orElse(new Fact<>(Activation.GELU, LEFT_OUT));
        ModelSizes.Image image = sizes.image();
        vision.requireSquare("image_size", 224, image.side());
        vision.requireSquare("patch_size", 16, image.patch());
        requireBlocks(vision, 768, image.width(), image.hidden(), image.layers());
        Optional<Integer> columns = vision.number("head_width");
        if (image.width() % columns.orElse(64) != 0) {
            throw vision.wrong("head_width", "a divisor of the width " + image.width());
        }
        Fact<Integer> heads = new Fact<>(image.width() / columns.orElse(64), columns.isEmpty() ? "heads of 64 columns, " + LEFT_OUT
                : NAME + ", " + vision.section() + "head_width");
        return new ModelConfig(new Tower(Optional.of(heads), Optional.of(activation), Optional.of(epsilon(vision))),
                sizes.text().map(text -> text(language, text, activation)).orElse(Tower.NONE),
                Optional.of(preprocess(json, image.side())));
    }

    /** Refuses what would compute something else from tensors of the same names and shapes. */
    private static void requireArchitecture(JsonFile vision, JsonFile text) {
        vision.requirePlain("timm_model_name", "null");
        vision.requirePlain("pool_type", "tok");
        vision.requirePlain("global_average_pool", "false");
        vision.requirePlain("attentional_pool", "false");
        vision.requirePlain("no_ln_pre", "false");
        vision.requirePlain("scaled_cosine_attn", "false");
        vision.requirePlain("act_kwargs", "{}");
        text.requirePlain("hf_model_name", "null");
        text.requirePlain("text_arch", "clip");
        text.requirePlain("pool_type", "argmax");
        text.requirePlain("no_causal_mask", "false");
        text.requirePlain("embed_cls", "false");
        text.requirePlain("scaled_cosine_attn", "false");
        text.requirePlain("act_kwargs", "{}");
        text.requirePlain("hf_tokenizer_name", "null", "");
        text.requirePlain("tokenizer_kwargs", "{}");
    }

    private static Tower text(JsonFile json, ModelSizes.Text text, Fact<Activation> activation) {
        json.requireSize("context_length", 77, text.context());
        json.requireSize("vocab_size", 49408, text.vocabulary());
        requireBlocks(json, 512, text.width(), text.hidden(), text.layers());
        Optional<Integer> given = json.number("heads");
        int heads = ModelConfig.heads(json, "heads", given.orElse(8), text.width());
        return new Tower(Optional.of(new Fact<>(heads, given.isEmpty() ? LEFT_OUT : NAME + ", " + json.section() + "heads")),
                Optional.of(activation), Optional.of(epsilon(json)));
    }

    private static void requireBlocks(JsonFile json, int defaultWidth, int width, int hidden, int layers) {
        json.requireSize("width", defaultWidth, width);
        json.requireSize("layers", 12, layers);
        double ratio = json.positive("mlp_ratio", 1000).orElse(4.0);
        if ((int) (width * ratio) != hidden) {
            throw json.wrong("mlp_ratio", (double) hidden / width + ", as the tensors' shapes tell");
        }
    }

    private static Fact<Float> epsilon(JsonFile tower) {
        JsonFile norm = tower.node().path("norm_kwargs").isNull() ? new JsonFile(tower.file(), "", tower.node().objectNode())
                : tower.in("norm_kwargs");
        return norm.positive("eps", HuggingFaceConfig.MAX_EPSILON)
                .map(eps -> new Fact<>(eps.floatValue(), NAME + ", " + norm.section() + "eps"))
                .orElse(new Fact<>(1e-5f, LEFT_OUT));
    }

    private static Fact<Preprocess> preprocess(JsonFile json, int side) {
        JsonFile cfg = json.in("preprocess_cfg");
        cfg.requireSquare("size", 0, side);
        cfg.requirePlain("mode", "RGB");
        cfg.requirePlain("interpolation", "bicubic", "bilinear", "random");
        cfg.requirePlain("resize_mode", "shortest", "squash");
        Filter filter = cfg.text("interpolation").orElse("bicubic").equals("bilinear") ? Filter.BILINEAR : Filter.BICUBIC;
        Preprocess.Fit fit = cfg.text("resize_mode").orElse("shortest").equals("squash") ? Preprocess.Fit.SQUASH : Preprocess.Fit.CROP;
        boolean told = cfg.has("mean") || cfg.has("std");
        return new Fact<>(new Preprocess(side, fit, side, filter, statistics(cfg, Normalization.CLIP)),
                told ? NAME + ", preprocess_cfg" : LEFT_OUT);
    }

    /** Mean and deviation of a section with such keys, or the library's own. */
    static Normalization statistics(JsonFile json, Normalization byDefault) {
        try {
            return Normalization.of(json.numbers("mean").orElse(byDefault.mean()), json.numbers("std").orElse(byDefault.deviation()));
        } catch (IllegalArgumentException e) {
            throw json.wrong(e.getMessage().contains("mean") ? "mean" : "std", e.getMessage());
        }
    }
}
