package dev.itprompt.data;

import dev.itprompt.Excerpt;
import dev.itprompt.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Decodes PNG, JPEG, GIF, BMP, TIFF and WebP files to 8 bits a channel; which one a file is, its first bytes tell. Sample values
 * are taken as they are stored: colour profiles, gamma and EXIF rotation are ignored, gray becomes red, green and blue alike,
 * and of 16-bit samples the upper byte counts; except that 16-bit gray without transparency is cut off at 255. Of several
 * pictures in a file the first is taken.
 *
 * <p>The colours equal those of Pillow's {@code convert("RGB")} bit for bit; what cannot be decoded so is refused. Exceptions are
 * due to the decoders: JPEG colours stored at half height and full width (4:4:0) are repeated where Pillow interpolates them,
 * arithmetic coding is refused, 16-bit gray PNGs with a transparent level cannot be told from gray with alpha, and lossy WebP
 * files come out near what they should be, see {@link WebpFile}.
 *
 * <p>Memory is bounded before it is taken: an image that would need more than half of the heap is refused.
 */
public final class ImageDecoder {

    /** The most pixels an image may have. */
    public static final long MAX_PIXELS = 100_000_000;

    static final String REMEDY = "replace or remove the file";
    static final String IMAGE = "an image (PNG, JPEG, GIF, BMP, TIFF, WebP)";
    private static final int LONGEST_REASON = 100;

    private ImageDecoder() { }

    /**
     * Reads and decodes a file.
     *
     * @throws DataException if it cannot be read, is no image of a known format, is damaged, has over 100 million pixels or
     *                       needs too much memory
     */
    public static RgbaImage read(Path file) {
        return decode(DataFiles.bytes(file, IMAGE, MemoryBudget.HEAP), file);
    }

    /**
     * Decodes the bytes of a file.
     *
     * @param name what messages call it
     * @throws DataException as {@link #read}
     */
    public static RgbaImage decode(byte[] bytes, Path name) {
        return decode(bytes, name, MemoryBudget.HEAP);
    }

    static RgbaImage decode(byte[] bytes, Path name, MemoryBudget budget) {
        try {
            EncodedImage image = open(bytes);
            String size = image.width() + "x" + image.height();
            if (image.width() < 1 || image.height() < 1) {
                throw new DataException(name, "an image of at least one pixel", size + " pixels", REMEDY);
            }
            if (image.pixels() > MAX_PIXELS) {
                throw new DataException(name, "at most " + MAX_PIXELS + " pixels", image.pixels() + " pixels", "shrink the image");
            }
            return budget.with(image.memory(), name, "an image of " + size + " pixels", image::decode);
        } catch (ImageFormatException e) {
            throw e.of(name);
        } catch (DataException e) {
            throw e;
        } catch (EOFException | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new DataException(name, "a complete image", "one that ends too early or is damaged", REMEDY, e);
        } catch (IOException | RuntimeException e) {
            String reason = e instanceof IOException ? " (" + Excerpt.of(Reason.of(e), LONGEST_REASON) + ")" : "";
            throw new DataException(name, "an image that can be decoded", "damage or a format variant" + reason, REMEDY, e);
        }
    }

    private static EncodedImage open(byte[] file) throws IOException {
        String start = new String(file, 0, Math.min(file.length, 12), StandardCharsets.ISO_8859_1);
        if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
            return PngFile.of(file);
        }
        if (start.startsWith("\u00ff\u00d8\u00ff")) {
            return JpegFile.of(file);
        }
        if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
            return GifFile.of(file);
        }
        if (start.startsWith("II*\0") || start.startsWith("MM\0*")) {
            return TiffFile.of(file);
        }
        if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
            return WebpFile.of(file);
        }
        if (start.startsWith("BM")) {
            return BmpFile.of(file);
        }
        throw new ImageFormatException(IMAGE, file.length == 0 ? "an empty file" : file.length + " bytes of something else", REMEDY);
    }
}
