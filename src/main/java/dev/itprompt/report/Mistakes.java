package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The hardest test images of a run, with small pictures of them: {@code mistakes.json}. */
final class Mistakes {

    static final String NAME = "mistakes.json";
    /** Most pictures of a run. */
    static final int LIMIT = 24;
    /** Longest side of a picture. */
    static final int SIDE = 64;

    private Mistakes() {}

    /**
     * A test image and its picture.
     *
     * @param image number of the test image
     * @param png   the picture
     */
    record Picture(int image, byte[] png) {}

    /**
     * Of each confusion of the first method, a true class and a wrong answer, the image that most methods miss; the commonest confusions
     * first, the first image of several.
     */
    static List<Integer> choose(RunRecord run) {
        int[] answers = run.methods().getFirst().answers().classes();
        Map<List<Integer>, List<Integer>> confusions = new LinkedHashMap<>();
        for (int i = 0; i < answers.length; i++) {
            int label = run.images().get(i).label();
            if (answers[i] != label) {
                confusions.computeIfAbsent(List.of(label, answers[i]), _ -> new ArrayList<>()).add(i);
            }
        }
        return confusions.values().stream().sorted(Comparator.comparingInt(images -> -images.size())).limit(LIMIT)
                .map(images -> images.stream().max(Comparator.<Integer>comparingLong(i -> misses(run, i)).thenComparing(Comparator.reverseOrder()))
                        .orElseThrow()).toList();
    }

    /** How many methods miss an image. */
    static long misses(RunRecord run, int image) {
        return run.methods().stream().filter(method -> method.answers().classes()[image] != run.images().get(image).label()).count();
    }

    /** The content of the file. */
    static String json(RunRecord run, IntFunction<RgbImage> pictures) {
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        ArrayNode images = root.putArray("images");
        for (int image : choose(run)) {
            images.addObject().put("image", image).put("png", Base64.getEncoder().encodeToString(png(pictures.apply(image))));
        }
        return JsonText.MAPPER.writeValueAsString(root) + "\n";
    }

    private static byte[] png(RgbImage image) {
        int longer = Math.max(image.width(), image.height());
        RgbImage small = longer <= SIDE ? image : ImageResize.resize(image, Math.max(1, image.width() * SIDE / longer),
                Math.max(1, image.height() * SIDE / longer), ImageResize.Filter.BICUBIC);
        BufferedImage buffered = new BufferedImage(small.width(), small.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < small.height(); y++) {
            for (int x = 0; x < small.width(); x++) {
                buffered.setRGB(x, y, small.get(x, y, 0) << 16 | small.get(x, y, 1) << 8 | small.get(x, y, 2));
            }
        }
        return PngChart.png(buffered);
    }

    /**
     * The pictures that a run has; none for a run of a version that wrote none.
     *
     * @throws InputException if the file is damaged
     */
    static List<Picture> read(RunRecord run) {
        Path file = run.folder().resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            List<Picture> pictures = new ArrayList<>();
            for (JsonNode node : JsonText.MAPPER.readTree(Files.readAllBytes(file)).required("images")) {
                run.images().get(node.required("image").asInt());
                pictures.add(new Picture(node.required("image").asInt(), Base64.getDecoder().decode(node.required("png").asString())));
            }
            return pictures;
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + WriteException.reason(e) + ")", e);
        } catch (JacksonException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new InputException(file + ": expected pictures of test images, found a damaged file; delete it", e);
        }
    }
}
