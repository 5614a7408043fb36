package dev.itprompt.experiment;

import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.method.TaskImages;
import java.util.List;
import java.util.random.RandomGenerator;

/** Pictures without labels. */
record Pictures(List<RgbImage> pictures, Preprocess preprocess) implements TaskImages {

    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public int label(int index) {
        return 0;
    }

    @Override
    public int identity(int index) {
        return index;
    }

    @Override
    public void load(int index, float[] target, int offset, RandomGenerator random) {
        float[] values = preprocess.apply(pictures.get(index));
        System.arraycopy(values, 0, target, offset, values.length);
    }
}
