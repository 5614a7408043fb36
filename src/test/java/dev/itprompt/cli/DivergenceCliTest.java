package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.experiment.ExperimentSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training that diverges ends with one line that says where and what to lower, exit code 1 and no result. */
class DivergenceCliTest {

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
    }

    private static void assertFailed(Outcome outcome, String start, String advice) {
        assertEquals(1, outcome.exitCode(), outcome.out() + outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("itprompt: " + start), outcome.err());
        assertTrue(outcome.err().stripTrailing().endsWith(advice), outcome.err());
        assertFalse(outcome.out().contains("FAA"), outcome.out());
    }

    /** One rate that is far too large ends a training in the stage that uses it; the scalar device computes on where others overflow. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "it-prompt | inference.rate | it-prompt, task 1 task inference, step ",
        "it-prompt | inference.replayRate | it-prompt, task 2 replay task inference, step ",
        "it-prompt | rate | it-prompt, task 1 prompt, after step ",
        "it-prompt | headRate | it-prompt, task 1 prompt, step ",
        "it-prompt | replay.rate | it-prompt, task 2 replay classifier, step ",
        "it-prompt-no-prompts | headRate | it-prompt-no-prompts, task 1 classifier, step ",
        "it-prompt-joint | inference.rate | it-prompt-joint, task 1 task inference, step ",
        "shared-prompt | headRate | shared-prompt, task 1 shared prompt, step ",
        "joint | rate | joint, joint prompt, after step "})
    void theLineNamesTrainingTaskStageStepAndRate(String method, String rate, String start) throws IOException {
        Path output = project.output();
        List<String> words = new ArrayList<>(List.of("--output", output.toString(), "--set", "methods=ncm," + method, "--set",
                "methods." + method + "." + rate + "=1e38"));
        List<String> changes = new ArrayList<>(List.of("epochs=3", "schedule=constant"));
        if (method.startsWith("it-prompt")) {
            changes.addAll(List.of("inference.epochs=3", "replay.epochs=3", "replay.batches=4", "replay.start=trained",
                    "replay.optimizer=sgd"));
        }
        changes.forEach(change -> words.addAll(List.of("--set", "methods." + method + "." + change)));
        Outcome outcome = project.train(words.toArray(String[]::new));
        String key = "methods." + method + ".";
        assertFailed(outcome, start, rate.equals("rate") ? "lower " + key + "rate and " + key + "headRate" : key + rate);
        assertTrue(outcome.err().matches("(?s).*step \\d+: (the loss is|the gradients' length is|[\\w.]+ is not finite).*;"
                + " training diverges, lower .*"), outcome.err());
        List<MatchResult> keys = Pattern.compile("methods[.\\w-]+").matcher(outcome.err()).results().toList();
        keys.forEach(named -> assertTrue(ExperimentSettings.schema().keys().containsKey(named.group()), named.group()));
        try (Stream<Path> files = Files.list(output.resolve("methods"))) {
            assertEquals(List.of("ncm.json", "ncm.safetensors"), files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertFalse(Files.exists(output.resolve("summary.json")));
        assertFalse(Files.exists(output.resolve("metrics.json")));
    }

    /** The steps of the last epoch are looked at as well, though no loss follows them. */
    @Test
    void theLastStepCounts() {
        Outcome outcome = project.train("--output", project.output().toString(), "--set", "methods=shared-prompt", "--set",
                "methods.shared-prompt.headRate=1e39", "--set", "methods.shared-prompt.batch=12", "--set", "methods.shared-prompt.stepsOfPass=1", "--set", "methods.shared-prompt.epochs=1");
        assertFailed(outcome, "shared-prompt, task 1 shared prompt, after step 1: head.weight is not finite", "methods.shared-prompt.headRate");
    }

    @Test
    void ofSeveralSeedsTheOneIsNamed() {
        Outcome outcome = project.train("--output", project.output().toString(), "--seeds", "3,4", "--set", "methods=shared-prompt",
                "--set", "methods.shared-prompt.headRate=1e38", "--set", "methods.shared-prompt.epochs=3");
        assertFailed(outcome, "seed 3, shared-prompt, task 1 shared prompt, step ", "lower methods.shared-prompt.rate and methods.shared-prompt.headRate");
    }

    @Test
    void pretrainingKeepsNothing() throws IOException {
        Path config = Files.writeString(root.resolve("p.yaml"), """
                merges: %s
                vision: {imageSize: 8, patch: 4, width: 64, layers: 1, embedding: 16}
                text: {context: 16, width: 64, layers: 1}
                batch: 2
                steps: 9
                warmup: 0
                saveEvery: 1
                rate: 1e39
                """.formatted(root.resolve("merges.txt.gz")));
        Path model = root.resolve("pretrained");
        String[] command = {"pretrain", "--device", "reference", "--config", config.toString(), "--data",
            root.resolve("heldout").toString(), "--output", model.toString()};
        assertFailed(TinyProject.run(command), "pretrain, after step 1: visual.conv1.weight is not finite", "training diverges, lower rate");
        assertFalse(Files.exists(model.resolve("model.safetensors")));
        assertFalse(Files.exists(model.resolve("training-state.safetensors")), "a state that is not finite");
    }
}
