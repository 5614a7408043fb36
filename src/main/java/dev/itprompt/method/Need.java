package dev.itprompt.method;

/** What a method asks for beside the frozen model and the images of one task after another. */
public enum Need {

    /** Texts of the classes in one space with the images: a CLIP with its tokenizer. */
    TEXTS("needs texts"),
    /** The true task of every test image, which nobody has where the method is to be of use. */
    TRUE_TASK_AT_TEST("is told the true task of each test image"),
    /** All tasks' training images together. */
    ALL_TASKS_AT_ONCE("learns all tasks at once");

    private final String words;

    Need(String words) {
        this.words = words;
    }

    /** What it says of a method, such as {@code needs texts}. */
    public String words() {
        return words;
    }
}
