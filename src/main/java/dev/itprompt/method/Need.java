package dev.itprompt.method;

/** What a method asks for beside the frozen model and the images of one task after another. */
public enum Need {

    /** Texts of the classes in one space with the images: a CLIP with its tokenizer. */
    TEXTS("needs texts"),
    /** The true task of every test image, which nobody has where the method is to be of use. */
    TRUE_TASK_AT_TEST("is told the true task of each test image"),
    /** All tasks' training images together. */
    ALL_TASKS_AT_ONCE("learns all tasks at once"),
    /** Prefixes whose axes are reshaped and not exchanged, as published code has it. */
    RESHAPED_PREFIXES("takes prefix keys and values of a batch's images for each other's, as the published code does: answers depend on "
            + "which images are tested together"),
    /** Logits of classes that have not been learned compete at test. */
    UNMASKED_LOGITS("lets classes compete at test that it has not learned, as the published code does: accuracies before the last task are of "
            + "another kind than those of methods that answer among classes seen");

    private final String words;

    Need(String words) {
        this.words = words;
    }

    /** What it says of a method, such as {@code needs texts}. */
    public String words() {
        return words;
    }
}
