package dev.itprompt.experiment;

import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.TaskImages;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Pictures without labels.
 *
 * @param squares    made by the preprocessing; the pictures themselves may be large
 * @param preprocess that made them and normalises them
 */
record Pictures(List<RgbImage> squares, Preprocess preprocess) implements TaskImages {

    @Override
    public int size() {
        return squares.size();
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
        float[] values = preprocess.normalize(squares.get(index));
        System.arraycopy(values, 0, target, offset, values.length);
    }
}
