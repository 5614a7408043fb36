package dev.itprompt.method.dualprompt;

import dev.itprompt.method.prompted.TaskPoolSettings;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.SharedPrefix;
import dev.itprompt.prompt.Together;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * DualPrompt's prompts: general ones, in blocks 0 and 1 in the paper, and one expert prompt for each task, in blocks 2 to 4, known in
 * training and found by its key at test.
 */
public final class DualPrompts {

    private DualPrompts() {}

    /**
     * @param general    where general prompts go
     * @param expert     where expert prompts go
     * @param queryWidth E: columns of prompt-free features
     * @param vote       whether the batch votes at test
     */
    public static Prompting of(Form.Prefixes general, Form.Prefixes expert, int queryWidth, TaskPoolSettings pool, boolean vote) {
        SequencedMap<String, Prompting> parts = new LinkedHashMap<>();
        parts.put("general", new SharedPrefix(general, pool.low()));
        parts.put("expert", pool.pool(expert, queryWidth, vote));
        return new Together(parts);
    }
}
