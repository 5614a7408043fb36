package dev.itprompt.checkpoint;

/**
 * Something about a model that the shapes of its tensors do not tell, such as its number of attention heads.
 *
 * @param value  null where nothing tells it
 * @param source where it comes from; of an unknown one, what would tell it
 * @param <T>    type of the value
 */
public record Fact<T>(T value, String source) {

    /** A fact that nothing tells; an option can. */
    static <T> Fact<T> unknown(String remedy) {
        return new Fact<>(null, remedy);
    }

    /** Whether anything tells it. */
    public boolean known() {
        return value != null;
    }
}
