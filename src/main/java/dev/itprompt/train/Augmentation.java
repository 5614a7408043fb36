package dev.itprompt.train;

import dev.itprompt.RandomStreams;
import java.util.random.RandomGenerator;

/**
 * A stream of random numbers for each image of each step of a task.
 *
 * @param streams of the run
 * @param purpose name of the streams
 * @param task    number of the task, from 0
 */
public record Augmentation(RandomStreams streams, String purpose, int task) implements ImageBatches.Chance {

    @Override
    public RandomGenerator at(long step, int position) {
        return streams.stream(purpose, task, step, position);
    }
}
