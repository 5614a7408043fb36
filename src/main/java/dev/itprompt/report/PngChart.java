package dev.itprompt.report;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.FloatSize;
import dev.itprompt.FailureException;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;

/** An SVG as PNG, at twice its size. The shapes of letters are those of the system's sans-serif font. */
final class PngChart {

    private static final int SCALE = 2;

    private PngChart() {}

    /**
     * The bytes of the PNG.
     *
     * @throws FailureException if the system has no fonts
     */
    static byte[] of(String svg) {
        requireFonts();
        SVGDocument document = new SVGLoader().load(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)), null,
                LoaderContext.createDefault());
        FloatSize size = document.size();
        BufferedImage image = new BufferedImage(Math.round(SCALE * size.width), Math.round(SCALE * size.height), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.scale(SCALE, SCALE);
        document.render(null, graphics);
        graphics.dispose();
        return png(image);
    }

    /** A JVM that finds no fonts says so by whatever it happens to fail with. */
    private static void requireFonts() {
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).createGlyphVector(new FontRenderContext(null, true, true), "1").getLogicalBounds();
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new FailureException("accuracy.png: the system has no fonts to draw its text with (" + e + "); install fontconfig and a font, or use "
                    + "accuracy.svg", e);
        }
    }

    /** The bytes of an image as PNG. */
    static byte[] png(BufferedImage image) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory can be written to
        }
    }
}
