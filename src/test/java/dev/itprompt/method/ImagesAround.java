package dev.itprompt.method;

import dev.itprompt.data.TaskImages;
import java.util.random.RandomGenerator;

/** The images of others, but for what a test changes. */
class ImagesAround implements TaskImages {

    private final TaskImages images;

    ImagesAround(TaskImages images) {
        this.images = images;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public int label(int index) {
        return images.label(index);
    }

    @Override
    public int identity(int index) {
        return images.identity(index);
    }

    @Override
    public void load(int index, float[] target, int offset, RandomGenerator random) {
        images.load(index, target, offset, random);
    }
}
