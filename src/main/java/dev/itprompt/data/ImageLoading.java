package dev.itprompt.data;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * How images are decoded.
 *
 * @param threads     that decode, at least 1; the result does not depend on it
 * @param shorterSide images whose shorter side is longer are shrunk to this many pixels (bicubic) to save memory; 0 keeps
 *                    every image as it is
 * @param warnings    hears what is not read
 * @param cache       keeps decoded images for the next time
 */
public record ImageLoading(int threads, int shorterSide, Warnings warnings, ImageCache cache) {

    /** @throws InputException if a value is out of range */
    public ImageLoading {
        if (threads < 1 || shorterSide < 0) {
            throw new InputException("image loading: expected at least 1 thread and a shorter side of at least 0, found "
                    + threads + " and " + shorterSide);
        }
    }

    /** Without a cache. */
    public ImageLoading(int threads, int shorterSide, Warnings warnings) {
        this(threads, shorterSide, warnings, ImageCache.NONE);
    }

    /** Images as they are, decoded by some threads. */
    public static ImageLoading asStored(int threads, Warnings warnings) {
        return new ImageLoading(threads, 0, warnings);
    }

    /**
     * Decodes files, in their order.
     *
     * @throws DataException for the first file in the list that is no image
     */
    List<RgbaImage> decode(List<Path> files) {
        RgbaImage[] images = new RgbaImage[files.size()];
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<? extends Future<?>> parts = IntStream.range(0, threads).mapToObj(part -> pool.submit(() -> {
                for (int i = (int) ((long) part * files.size() / threads); i < (part + 1L) * files.size() / threads; i++) {
                    images[i] = shrink(ImageDecoder.read(files.get(i)));
                }
            })).toList();
            for (Future<?> part : parts) {
                join(part);
            }
        }
        return List.of(images);
    }

    private static void join(Future<?> part) {
        await(part);
    }

    /**
     * The result of a thread that decodes.
     *
     * @throws DataException if it found a file that is no image
     */
    static <T> T await(Future<T> part) {
        try {
            return part.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DataException bad) {
                throw bad;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while images were read", e);
        }
    }

    RgbaImage shrink(RgbaImage image) {
        int shorter = Math.min(image.width(), image.height());
        if (shorterSide == 0 || shorter <= shorterSide) {
            return image;
        }
        return ImageResize.resize(image, (int) ((long) shorterSide * image.width() / shorter),
                (int) ((long) shorterSide * image.height() / shorter), ImageResize.Filter.BICUBIC);
    }
}
