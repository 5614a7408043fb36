package dev.itprompt.method;

import dev.itprompt.config.Chosen;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.model.VisionTransformer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A method with settings, under a name; gives one or several answers.
 *
 * @param name     the method's, or a variant's
 * @param method   the method
 * @param settings of its type
 */
public record Training(String name, Method<?> method, Record settings) {

    /** What a configuration chose, in its order. */
    public static List<Training> of(Chosen<Method<?>> chosen) {
        return chosen.entries().stream().map(Training::of).toList();
    }

    /** One that a configuration chose. */
    public static Training of(Chosen.Entry<Method<?>> entry) {
        return new Training(entry.name(), entry.kind(), entry.settings());
    }

    /** What it asks for. */
    public Set<Need> needs() {
        return needs(method);
    }

    private <S extends Record> Set<Need> needs(Method<S> typed) {
        return typed.needs(typed.settings().cast(settings));
    }

    /** Whether it asks for something. */
    public boolean needs(Need need) {
        return needs().contains(need);
    }

    /** See {@link Method#without}. */
    public List<String> without(Need need) {
        return without(method, need);
    }

    private <S extends Record> List<String> without(Method<S> typed, Need need) {
        return typed.without(need, typed.settings().cast(settings));
    }

    /** A learner that has learned nothing. */
    public Learner create(Run run) {
        return create(method, needs(Need.TRUE_TASK_AT_TEST) ? run : run.untold());
    }

    private <S extends Record> Learner create(Method<S> typed, Run run) {
        return typed.create(name, run, typed.settings().cast(settings));
    }

    /**
     * Memory of its largest training step; empty if none goes through the model.
     *
     * @param last the last task
     */
    public Optional<MemoryPlan> largestStep(Run run, Method.LastTask last) {
        return largestStep(method, run, needs(Need.ALL_TASKS_AT_ONCE) ? Method.LastTask.ALL : last);
    }

    private <S extends Record> Optional<MemoryPlan> largestStep(Method<S> typed, Run run, Method.LastTask last) {
        return typed.largestStep(run, typed.settings().cast(settings), last);
    }

    /** See {@link Method#passes}; tasks are put together where all are learned at once. */
    public Passes passes(VisionTransformer model, List<Passes.TaskSize> tasks) {
        return passes(method, model, needs(Need.ALL_TASKS_AT_ONCE) ? List.of(new Passes.TaskSize(tasks.stream().mapToInt(Passes.TaskSize::train).sum(),
                tasks.stream().mapToInt(Passes.TaskSize::test).sum())) : tasks);
    }

    private <S extends Record> Passes passes(Method<S> typed, VisionTransformer model, List<Passes.TaskSize> tasks) {
        return typed.passes(model, typed.settings().cast(settings), tasks);
    }

    /** See {@link Method#hostBytes}. */
    public long hostBytes(Run run) {
        return hostBytes(method, run);
    }

    private <S extends Record> long hostBytes(Method<S> typed, Run run) {
        return typed.hostBytes(run, typed.settings().cast(settings));
    }

    /** See {@link Method#forFewerHostBytes}. */
    public String forFewerHostBytes() {
        return method.forFewerHostBytes(name);
    }

    /** The same with blocks computed again in the backward pass. */
    public Training recomputing() {
        return new Training(name, method, recomputing(method));
    }

    private <S extends Record> S recomputing(Method<S> typed) {
        return typed.recomputing(typed.settings().cast(settings));
    }
}
