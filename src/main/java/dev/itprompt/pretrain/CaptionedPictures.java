package dev.itprompt.pretrain;

import dev.itprompt.InputException;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.RgbaImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Pictures out of folders of captioned images, one folder after the other. */
public final class CaptionedPictures implements Pictures {

    private final List<String> captions = new ArrayList<>();
    private final List<Rgba> pictures = new ArrayList<>();

    private CaptionedPictures() {}

    /**
     * Reads folders.
     *
     * @param folders each with a {@code metadata.jsonl}, or with sub-folders that have one, taken in the order of their names
     * @throws InputException if a folder has neither, or anything in one is not as it should be
     */
    public static CaptionedPictures read(List<Path> folders, ImageLoading loading) {
        CaptionedPictures result = new CaptionedPictures();
        for (Path folder : folders) {
            for (Path part : parts(folder)) {
                for (CaptionedImages.Captioned captioned : CaptionedImages.read(part, loading).images()) {
                    result.captions.add(captioned.text());
                    result.pictures.add(rgba(captioned.image()));
                }
            }
        }
        return result;
    }

    private static List<Path> parts(Path folder) {
        if (!Files.isDirectory(folder) || Files.exists(folder.resolve(CaptionedImages.METADATA))) {
            return List.of(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> parts = entries.filter(e -> Files.exists(e.resolve(CaptionedImages.METADATA))).sorted().toList();
            return parts.isEmpty() ? List.of(folder) : parts;
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be listed (" + e.getMessage() + ")", e);
        }
    }

    private static Rgba rgba(RgbaImage image) {
        int pixels = image.width() * image.height();
        byte[] rgba = new byte[4 * pixels];
        for (int i = 0; i < pixels; i++) {
            System.arraycopy(image.rgb(), 3 * i, rgba, 4 * i, 3);
            rgba[4 * i + 3] = image.alpha() == null ? -1 : image.alpha()[i];
        }
        return new Rgba(image.width(), image.height(), rgba);
    }

    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public String caption(int index) {
        return captions.get(index);
    }

    @Override
    public Rgba picture(int index) {
        return pictures.get(index);
    }
}
