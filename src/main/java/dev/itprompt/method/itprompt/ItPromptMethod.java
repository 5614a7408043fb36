package dev.itprompt.method.itprompt;

import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.hide.TaskInference;
import dev.itprompt.method.itprompt.GuidanceSettings.TextGuide;
import dev.itprompt.method.itprompt.ItPromptSettings.Head;
import dev.itprompt.method.itprompt.ItPromptSettings.Selection;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.model.VisionTransformer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** IT-Prompt: see {@link ItPrompt}. */
public final class ItPromptMethod implements Method<ItPromptSettings> {

    @Override
    public String name() {
        return "it-prompt";
    }

    @Override
    public String meaning() {
        return "IT-Prompt: a prompt per task, guided by class texts and chosen by task-identity inference";
    }

    @Override
    public Class<ItPromptSettings> settings() {
        return ItPromptSettings.class;
    }

    @Override
    public List<Answer> answers() {
        return List.of(new Answer(ItPrompt.CNCM, "C-NCM on the prompted features of the same training"),
                new Answer(ItPrompt.BEFORE_REPLAY, "the same training's classifier before the replay of pseudo-features"));
    }

    @Override
    public Set<Need> needs(ItPromptSettings settings) {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        if (!without(Need.TEXTS, settings).isEmpty()) {
            needs.add(Need.TEXTS);
        }
        if (settings.answers().selection() == Selection.ORACLE) {
            needs.add(Need.TRUE_TASK_AT_TEST);
        }
        if (settings.jointly()) {
            needs.add(Need.ALL_TASKS_AT_ONCE);
        }
        return needs;
    }

    @Override
    public List<String> without(Need need, ItPromptSettings settings) {
        List<String> changes = new ArrayList<>();
        if (need == Need.TEXTS && settings.guidance().textGuide() != TextGuide.OFF) {
            changes.add("textGuide=off");
        }
        if (need == Need.TEXTS && settings.answers().head() != Head.SOFTMAX) {
            changes.add("head=softmax");
        }
        return changes;
    }

    @Override
    public Learner create(String name, Run run, ItPromptSettings settings) {
        return new ItPrompt(name, run, settings);
    }

    /** Of features with and without prompts. */
    @Override
    public long hostBytes(Run run, ItPromptSettings settings) {
        return 2 * FeatureReplay.bytes(settings.classifiers().replay().common(), run.classes().size(), run.backbone().features());
    }

    @Override
    public String forFewerHostBytes(String name) {
        return Method.key(name, "replay.statistics") + "=variance";
    }

    @Override
    public Optional<MemoryPlan> largestStep(Run run, ItPromptSettings settings, LastTask last) {
        int firstClass = last.firstClass();
        PromptStep.Spec spec = new PromptStep.Spec(settings.training().batch(), firstClass, run.classes().size(), firstClass,
                Collections.nCopies(firstClass * settings.classifiers().replay().common().centroidsOfClass(), new double[run.backbone().features()]),
                settings.guidance().textGuide() == TextGuide.OFF ? null : run.texts(), true);
        return PromptTrainer.plan(run, settings.tuning(), spec);
    }

    @Override
    public Passes passes(VisionTransformer model, ItPromptSettings settings, List<Passes.TaskSize> tasks) {
        boolean prompts = !settings.prefix().layersOf(model.layers()).isEmpty();
        Passes tuning = prompts ? Passes.ofTuning(settings.training(), tasks, true, true, 1)
                : new Passes(settings.training().augment() ? Passes.ofTuning(settings.training(), tasks, false, false, 0).trained() : 0, 0);
        return settings.closedForm() ? tuning : tuning.plus(TaskInference.passes(settings.inference(), settings.training().batch(), tasks));
    }

    @Override
    public ItPromptSettings recomputing(ItPromptSettings settings) {
        return settings.with(settings.training().recomputing());
    }
}
