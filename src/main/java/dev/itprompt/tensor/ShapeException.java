package dev.itprompt.tensor;

/** Shapes that do not fit together, found while a graph is built or a tensor is made; names the shapes at fault. */
public final class ShapeException extends IllegalArgumentException {

    /** @param message what was asked, which shapes were given and which would fit */
    public ShapeException(String message) {
        super(message);
    }
}
