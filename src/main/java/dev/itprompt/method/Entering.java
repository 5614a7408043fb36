package dev.itprompt.method;

import dev.itprompt.Fingerprint;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Prompts as they were learned, with what every image of a list needs to get its own.
 *
 * @param prompting what enters
 * @param values    of it, by name
 * @param task      the last one learned
 * @param queries   prompt-free features, one row for each image; null where the prompting reads none
 * @param chosen    task of the prompt of each image; null where the prompting chooses itself
 */
public record Entering(Prompting prompting, Map<String, Tensor> values, int task, float[][] queries, int[] chosen) {

    /** The same for some images of the list that follow each other. */
    Entering part(int from, int count) {
        return new Entering(prompting, values, task, queries == null ? null : Arrays.copyOfRange(queries, from, from + count),
                chosen == null ? null : Arrays.copyOfRange(chosen, from, from + count));
    }

    /** The same for some images of the list. */
    Entering of(int[] which) {
        return new Entering(prompting, values, task, queries == null ? null : IntStream.of(which).mapToObj(i -> queries[i]).toArray(float[][]::new),
                chosen == null ? null : IntStream.of(which).map(i -> chosen[i]).toArray());
    }

    /**
     * What tells a prompt from all others: hexadecimal digits of a hash.
     *
     * @param prompting what enters
     * @param values    of it, those that an image gets
     */
    public static String name(Prompting prompting, Map<String, Tensor> values) {
        Fingerprint fingerprint = new Fingerprint().add(prompting.toString());
        values.forEach((name, value) -> fingerprint.add(name).add(value.shape().toString()).add(value.data().asByteBuffer()));
        return fingerprint.hex();
    }
}
