package dev.itprompt.method;

import dev.itprompt.config.Catalog;
import dev.itprompt.config.Variant;
import dev.itprompt.method.coda.CodaPromptMethod;
import dev.itprompt.method.simplecil.SimpleCilMethod;
import java.util.List;

/** All methods, a line each. */
public final class Registry {

    /** Those of this project; a configuration may add variants. */
    public static final Catalog<Method<?>> METHODS = new Catalog<>("method",
            List.of(
                    new ItPromptMethod(),
                    new ZeroShotMethod(),
                    new NcmMethod(),
                    new LdaMethod(),
                    new SimpleCilMethod(),
                    new LinearProbeMethod(),
                    new CodaPromptMethod(),
                    new SharedPromptMethod(),
                    new JointMethod()),
            List.of(
                    new Variant("it-prompt-no-prompts", "it-prompt", "IT-Prompt with prompts off", List.of("length=0")),
                    new Variant("it-prompt-no-text", "it-prompt", "IT-Prompt without the text guide", List.of("textGuide=off")),
                    new Variant("it-prompt-oracle", "it-prompt", "IT-Prompt told the true task of each test image",
                            List.of("selection=oracle")),
                    new Variant("it-prompt-joint", "it-prompt", "IT-Prompt on all tasks as one, its own upper bound",
                            List.of("jointly=true"))));

    private Registry() {}
}
