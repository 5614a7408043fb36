package dev.itprompt.device;

/** The batches that ops are measured at. */
public enum Sizes {
    /** Eight images of 224x224 pixels in ViT-B/16. */
    VIT_B16(8, 224, 16, 768, 12),
    /** 128 images of 32x32 pixels in the bundled model. */
    TINY(128, 32, 8, 256, 4);

    final int batch;
    final int side;
    final int patch;
    final int width;
    final int heads;

    Sizes(int batch, int side, int patch, int width, int heads) {
        this.batch = batch;
        this.side = side;
        this.patch = patch;
        this.width = width;
        this.heads = heads;
    }

    /** Patches and the class token. */
    int tokens() {
        return side / patch * (side / patch) + 1;
    }

    /** Rows of a linear layer's input. */
    int rows() {
        return batch * tokens();
    }

    /** Width of the hidden layer. */
    int hidden() {
        return 4 * width;
    }
}
