package dev.itprompt.serve;

import dev.itprompt.experiment.LearnedRun;
import dev.itprompt.report.Markup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The page that classifies a picture. It stands alone and asks for nothing but {@code /predict}.
 *
 * @param html   its text
 * @param policy what a browser may do with it: nothing but what is in it
 */
record Page(String html, String policy) {

    /** The page for a run. */
    static Page of(LearnedRun learned) {
        String script = text("page.js");
        String style = text("page.css");
        String html = text("page.html").replace("/*style*/", style).replace("/*script*/", script).replace("<!--method-->", Markup.escaped(learned.method()))
                .replace("<!--classes-->", Integer.toString(learned.classes().size()));
        return new Page(html, "default-src 'none'; connect-src 'self'; img-src blob: data:; script-src '" + hash(script) + "'; style-src '" + hash(style)
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    private static String text(String resource) {
        try (InputStream in = Page.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            return "sha256-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
