package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.config.Chosen;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Memory that methods need, as planned before anything is run.
 *
 * @param steps     of the largest training step, by training; those that train nothing in the model are missing
 * @param others    trainings without such a step
 * @param embedding of a batch of images, which all methods need
 */
public record StepPlans(Map<String, MemoryPlan> steps, List<String> others, MemoryPlan embedding) {

    /**
     * Makes the plans.
     *
     * @param last the last task
     */
    static StepPlans of(Run run, List<Training> trainings, Method.LastTask last) {
        Map<String, MemoryPlan> steps = new LinkedHashMap<>();
        trainings.forEach(training -> training.largestStep(run, last).ifPresent(plan -> steps.put(training.name(), plan)));
        return new StepPlans(steps, trainings.stream().map(Training::name).filter(name -> !steps.containsKey(name)).toList(),
                run.backbone().plan());
    }

    /**
     * The same methods, with blocks computed again in the backward pass of those whose training step needs more memory otherwise.
     *
     * @param bytes that the process may need for a step
     * @param last  the last task
     * @throws InputException if that does not help
     */
    static Chosen<Method<?>> within(long bytes, Run run, Chosen<Method<?>> methods, Method.LastTask last) {
        Chosen<Method<?>> less = methods;
        for (Training training : Training.of(methods)) {
            if (needed(run, training, last) > bytes) {
                Training again = training.recomputing();
                requireWithin(bytes, run, again, last);
                less = less.with(again.name(), again.settings());
            }
        }
        return less;
    }

    private static void requireWithin(long bytes, Run run, Training training, Method.LastTask last) {
        long needed = needed(run, training, last);
        if (needed > bytes) {
            boolean trains = training.largestStep(run, last).isPresent();
            throw new InputException(String.format(Locale.ROOT, "--memory: expected at least %,d MiB for %s, found %,d MiB; set a smaller %s",
                    (needed >> 20) + 1, trains ? "a training step of " + training.name() : "embedding images", bytes >> 20,
                    trains ? Method.key(training.name(), "batch") : "encodeBatch"));
        }
    }

    /** Bytes of its largest step and of Java. */
    private static long needed(Run run, Training training, Method.LastTask last) {
        return training.largestStep(run, last).orElseGet(run.backbone()::plan).totalBytes() + MemoryPlan.JAVA_BYTES;
    }

    /** The largest step by kind of buffer, then each method's in a line. */
    public String describe() {
        String largest = null;
        for (Map.Entry<String, MemoryPlan> step : steps.entrySet()) {
            if (largest == null || step.getValue().totalBytes() > steps.get(largest).totalBytes()) {
                largest = step.getKey();
            }
        }
        StringBuilder text = new StringBuilder(largest == null ? "memory of embedding a batch of images:\n" + embedding.describe()
                : "memory of the largest training step, one of " + largest + " in the last task:\n" + steps.get(largest).describe());
        text.append("by method, without Java:\n");
        int width = Math.max(11, steps.keySet().stream().mapToInt(String::length).max().orElse(0));
        steps.forEach((name, plan) -> line(text, width, name, plan, "a training step"));
        others.forEach(name -> line(text, width, name, embedding, "embedding a batch; nothing is trained in the model"));
        return text.toString();
    }

    private static void line(StringBuilder text, int width, String name, MemoryPlan plan, String what) {
        text.append(String.format(Locale.ROOT, "%-" + width + "s %,17d bytes  %s\n", name, plan.totalBytes(), what));
    }
}
