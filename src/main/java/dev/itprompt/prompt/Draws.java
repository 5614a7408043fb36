package dev.itprompt.prompt;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.random.RandomGenerator;

/** Values drawn at random, and tables that grow. */
final class Draws {

    private Draws() {}

    /** Numbers uniform between {@code low} and 1. */
    static Tensor uniform(Shape shape, double low, RandomGenerator random) {
        Tensor tensor = Tensor.zeros(shape);
        for (int i = 0; i < shape.size(); i++) {
            tensor.set(i, (float) random.nextDouble(low, 1));
        }
        return tensor;
    }

    /** A copy of a table with more rows behind its own. */
    static Tensor appended(Tensor table, Tensor rows) {
        int count = table.shape().dim(0);
        Tensor all = Tensor.zeros(table.shape().with(0, count + rows.shape().dim(0)));
        all.slice(0, count).copyFrom(table);
        all.slice(count, rows.shape().dim(0)).copyFrom(rows);
        return all;
    }
}
