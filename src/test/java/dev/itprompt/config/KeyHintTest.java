package dev.itprompt.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.pretrain.PretrainSettings;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyHintTest {

    private static final Set<String> TRAIN = new SettingsSchema(ExperimentSettings.class).keys().keySet();
    private static final Set<String> PRETRAIN = new SettingsSchema(PretrainSettings.class).keys().keySet();

    @Test
    void commonNamesLeadToTheKeyThatStandsForThem() {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("itPrompt.lr", "itPrompt.rate");
        expected.put("lr", "itPrompt.rate");
        expected.put("learning_rate", "itPrompt.rate");
        expected.put("itPrompt.replay.lr", "itPrompt.replay.rate");
        expected.put("inference.learningRate", "itPrompt.inference.rate");
        expected.put("bs", "itPrompt.batch");
        expected.put("batch_size", "itPrompt.batch");
        expected.put("itPrompt.batch-size", "itPrompt.batch");
        expected.put("n_epochs", "itPrompt.epochs");
        expected.put("num_epochs", "itPrompt.epochs");
        expected.put("itPrompt.num_prompts", "itPrompt.length");
        expected.put("prompt_length", "itPrompt.length");
        expected.put("lr_scheduler", "itPrompt.schedule");
        expected.put("max_grad_norm", "itPrompt.clip");
        expected.put("n_clusters", "itPrompt.cncm.clusters");
        expected.put("backbone", "checkpoint");
        expected.put("dataset.root", "dataset.path");
        expected.put("num_tasks", "scenario.split");
        expected.put("lambda_txt", "itPrompt.textWeight");
        expected.put("random_seed", "seed");
        expected.forEach((key, meant) -> assertEquals(Optional.of(meant), KeyHint.of(key, TRAIN), key));
        assertEquals(Optional.of("weightDecay"), KeyHint.of("wd", PRETRAIN));
        assertEquals(Optional.of("weightDecay"), KeyHint.of("weight_decay", PRETRAIN));
        assertEquals(Optional.of("rate"), KeyHint.of("lr", PRETRAIN));
        assertEquals(Optional.of("vision.patch"), KeyHint.of("patch_size", PRETRAIN));
        assertEquals(Optional.of("steps"), KeyHint.of("max_steps", PRETRAIN));
    }

    @Test
    void everyNameStandsForOneKeyThatExists() {
        Set<String> names = new HashSet<>();
        KeyHint.aliases().forEach((key, aliases) -> {
            assertTrue(List.of(TRAIN, PRETRAIN).stream().flatMap(Set::stream).anyMatch(known -> ("." + known).endsWith("." + key)), key);
            aliases.forEach(alias -> {
                assertTrue(names.add(alias), alias + " is given twice");
                assertTrue(alias.matches("[a-z0-9]+"), alias);
            });
        });
    }

    @Test
    void spellingDecidesWhereThereIsNoCommonName() {
        assertEquals(Optional.of("itPrompt.epochs"), KeyHint.of("itPrompt.epocs", TRAIN));
        assertEquals(Optional.of("itPrompt.replay.epochs"), KeyHint.of("replay.epochs", TRAIN));
        assertEquals(Optional.of("itPrompt.rate"), KeyHint.of("itprompt.rate", TRAIN));
        assertEquals(Optional.empty(), KeyHint.of("somethingElse", TRAIN));
    }
}
