package dev.itprompt.checkpoint;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Attention heads of published models, for files that do not say theirs: by the name of an architecture, which settles how many
 * columns a head has, or by the width.
 *
 * <p>Sources: Dosovitskiy et al. 2021, table 1; Touvron et al. 2021, table 1 (tiny, small); Zhai et al. 2022, table 2 (giant,
 * gigantic); the model configurations of OpenCLIP; Chen et al. 2021, whose code gives MoCo v3's small model twelve heads; timm, whose
 * first small model was as wide as the base one.
 */
final class PublishedHeads {

    private record Size(String name, int width, int hidden, int heads) {

        int columns() {
            return width / heads;
        }

        boolean is(int otherWidth, int otherHidden) {
            return width == otherWidth && (hidden == otherHidden || 4 * width == otherHidden);
        }
    }

    private static final List<Size> IMAGE = List.of(new Size("tiny", 192, 768, 3), new Size("small", 384, 1536, 6),
            new Size("medium", 512, 2048, 8), new Size("base", 768, 3072, 12), new Size("base-plus", 896, 3584, 14),
            new Size("large", 1024, 4096, 16), new Size("huge", 1280, 5120, 16), new Size("giant", 1408, 6144, 16),
            new Size("gigantic", 1664, 8192, 16), new Size("e", 1792, 15360, 16), new Size("first small one of timm", 768, 2304, 8));
    private static final List<Size> MOCO_V3 = List.of(new Size("small", 384, 1536, 12), new Size("base", 768, 3072, 12));
    private static final List<Integer> TEXT_WIDTHS = List.of(256, 384, 512, 640, 768, 1024, 1280);
    private static final int TEXT_COLUMNS = 64;

    /** Names of plain vision transformers with a class token; others compute something else from tensors of the same names. */
    private static final Pattern PLAIN = Pattern.compile("(?:mae_)?(?:vit|deit)_(tiny|small|base|large|huge|giant|gigantic)"
            + "(?:_patch[0-9]+(?:_sam)?(?:_[0-9]+)?)?(?:_(?:in21k|dino|sam|mae))?(?:\\..*)?");
    private static final Pattern MOCO_V3_NAME = Pattern.compile("vit_(?:small|base)");

    private PublishedHeads() {}

    /** Whether a name is that of a plain vision transformer in timm's or its descendants' way of naming. */
    static boolean isPlain(String architecture) {
        return PLAIN.matcher(architecture).matches();
    }

    /** Whether a name, kept by itself at the top of a training state, is one of MoCo v3's. */
    static boolean isMocoV3(String architecture) {
        return MOCO_V3_NAME.matcher(architecture).matches();
    }

    /**
     * Of an image tower whose architecture is named.
     *
     * @param mocoV3 whether it is MoCo v3's name
     * @param where  what names it
     * @return empty if the name is not known, or its heads do not fit the width
     */
    static Optional<Fact<Integer>> named(String architecture, boolean mocoV3, String where, ModelSizes.Image image) {
        Matcher name = PLAIN.matcher(architecture);
        if (!name.matches()) {
            return Optional.empty();
        }
        Optional<Size> named = Stream.concat(mocoV3 ? MOCO_V3.stream() : Stream.empty(), IMAGE.stream())
                .filter(size -> size.name.equals(name.group(1))).findFirst();
        boolean otherwise = byWidth(IMAGE, image).stream().anyMatch(size -> size.columns() != named.get().columns());
        return named.filter(size -> image.width() % size.columns() == 0 && (size.width == image.width() || !otherwise))
                .map(size -> new Fact<>(image.width() / size.columns(), (size.width == image.width() ? "" : "heads of " + size.columns()
                        + " columns as in ") + architecture + (mocoV3 ? " of MoCo v3" : "") + ", named by " + where));
    }

    /** How many a plain vision transformer of a name has at its published width. */
    static int number(String architecture) {
        Matcher name = PLAIN.matcher(architecture);
        return IMAGE.stream().filter(size -> name.matches() && size.name.equals(name.group(1))).findFirst().orElseThrow().heads;
    }

    /** Of an image tower of a published width. */
    static Optional<Fact<Integer>> image(ModelSizes.Image image, boolean mocoV3) {
        return byWidth(mocoV3 ? MOCO_V3 : IMAGE, image)
                .map(size -> new Fact<>(size.heads, "width " + size.width + " of a published ViT (" + (mocoV3 ? "MoCo v3, " : "")
                        + size.name + ")"));
    }

    private static Optional<Size> byWidth(List<Size> sizes, ModelSizes.Image image) {
        return sizes.stream().filter(size -> size.is(image.width(), image.hidden())).findFirst();
    }

    /** Of a text tower of a published width; all published ones have heads of as many columns. */
    static Optional<Fact<Integer>> text(ModelSizes.Text text) {
        return TEXT_WIDTHS.contains(text.width()) && text.hidden() == 4 * text.width()
                ? Optional.of(new Fact<>(text.width() / TEXT_COLUMNS, "width " + text.width() + " of a published CLIP"))
                : Optional.empty();
    }
}
