package dev.itprompt.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.pretrain.PretrainSettings;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyHintTest {

    private static final Set<String> TRAIN = ExperimentSettings.schema().keys().keySet();
    private static final Set<String> PRETRAIN = new SettingsSchema(PretrainSettings.class).keys().keySet();

    /** A text that is far longer than every key is compared with none of them letter by letter. */
    @Test
    void aHugeKeyIsNearNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        String huge = "itPrompt." + "x".repeat(1 << 20);
        long before = threads.getCurrentThreadAllocatedBytes();
        assertEquals(Optional.empty(), KeyHint.of(huge, TRAIN));
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(taken < 32 << 20, taken + " bytes");
    }

    @Test
    void commonNamesLeadToTheKeyThatStandsForThem() {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("itPrompt.lr", "methods.it-prompt.rate");
        expected.put("lr", "methods.it-prompt.rate");
        expected.put("learning_rate", "methods.it-prompt.rate");
        expected.put("itPrompt.replay.lr", "methods.it-prompt.replay.rate");
        expected.put("inference.learningRate", "methods.it-prompt.inference.rate");
        expected.put("bs", "methods.it-prompt.batch");
        expected.put("batch_size", "methods.it-prompt.batch");
        expected.put("itPrompt.batch-size", "methods.it-prompt.batch");
        expected.put("n_epochs", "methods.it-prompt.epochs");
        expected.put("num_epochs", "methods.it-prompt.epochs");
        expected.put("itPrompt.num_prompts", "methods.it-prompt.length");
        expected.put("prompt_length", "methods.it-prompt.length");
        expected.put("lr_scheduler", "methods.it-prompt.schedule");
        expected.put("max_grad_norm", "methods.it-prompt.clip");
        expected.put("n_clusters", "methods.it-prompt.cncm.clusters");
        expected.put("backbone", "checkpoint");
        expected.put("dataset.root", "dataset.path");
        expected.put("num_tasks", "scenario.split");
        expected.put("lambda_txt", "methods.it-prompt.textWeight");
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
        assertEquals(Optional.of("methods.it-prompt.epochs"), KeyHint.of("methods.it-prompt.epocs", TRAIN));
        assertEquals(Optional.of("methods.it-prompt.replay.epochs"), KeyHint.of("replay.epochs", TRAIN));
        assertEquals(Optional.of("methods.it-prompt.rate"), KeyHint.of("methods.itprompt.rate", TRAIN));
        assertEquals(Optional.empty(), KeyHint.of("somethingElse", TRAIN));
    }

    /** What stood in the section itPrompt stands among the methods now, and is found under all names it could have been given. */
    @Test
    void formerSectionsLeadToTheirNewName() {
        for (String key : List.of("batch", "epochs", "layers", "textGuide", "replay.epochs", "inference.rate", "cncm.power", "preset")) {
            assertEquals(Optional.of("methods.it-prompt." + key), KeyHint.of("itPrompt." + key, TRAIN));
            assertEquals(Optional.of("methods.it-prompt." + key), KeyHint.of("it-prompt." + key, TRAIN));
        }
        assertEquals(Optional.of("methods.it-prompt.epochs"), KeyHint.of("itPrompt.epocs", TRAIN));
        List<String> sections = List.copyOf(ExperimentSettings.schema().sections().keySet());
        assertEquals(Optional.of("methods.it-prompt"), KeyHint.of("itPrompt", sections));
    }
}
