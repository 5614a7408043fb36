package dev.itprompt.report;

/** A user's text in HTML and SVG. */
public final class Markup {

    private Markup() {}

    /** The text with nothing in it that a browser takes for markup, in elements and in quoted attributes alike. */
    public static String escaped(String text) {
        return VisibleText.of(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }

    /** The same in an element of its own, so that letters written from right to left turn nothing around them. */
    static String isolated(String text) {
        return "<bdi>" + escaped(text) + "</bdi>";
    }
}
