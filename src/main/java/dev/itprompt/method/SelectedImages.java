package dev.itprompt.method;

import dev.itprompt.data.ImageKey;
import dev.itprompt.data.TaskImages;
import java.util.random.RandomGenerator;

/**
 * Some of the images of a task.
 *
 * @param all     the task's
 * @param indices those taken, in their order
 */
public record SelectedImages(TaskImages all, int[] indices) implements TaskImages {

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public int label(int index) {
        return all.label(indices[index]);
    }

    @Override
    public int identity(int index) {
        return all.identity(indices[index]);
    }

    @Override
    public ImageKey key(int index) {
        return all.key(indices[index]);
    }

    @Override
    public int views() {
        return all.views();
    }

    @Override
    public String augmentation() {
        return all.augmentation();
    }

    @Override
    public void load(int index, float[] target, int offset, RandomGenerator random) {
        all.load(indices[index], target, offset, random);
    }
}
