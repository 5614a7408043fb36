package dev.itprompt.data;

/** Images with their labels. */
public interface TaskImages extends Images {

    /** The class of an image, by position in the class order. */
    int label(int index);
}
