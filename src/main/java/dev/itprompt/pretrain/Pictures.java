package dev.itprompt.pretrain;

/** Captioned pictures with transparency, all in memory. */
public interface Pictures {

    /** Number of pictures. */
    int size();

    String caption(int index);

    /** Pixels of one picture. */
    Rgba picture(int index);

    /**
     * @param width  in pixels
     * @param height in pixels
     * @param rgba   four bytes a pixel, row by row, colours not multiplied by alpha
     */
    record Rgba(int width, int height, byte[] rgba) {}
}
