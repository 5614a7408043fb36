package dev.itprompt.method;

import dev.itprompt.config.Catalog;
import dev.itprompt.config.Variant;
import dev.itprompt.method.anacp.AnacpMethod;
import dev.itprompt.method.coda.CodaPromptMethod;
import dev.itprompt.method.dualprompt.DualPromptMethod;
import dev.itprompt.method.gaussian.GaussianMethod;
import dev.itprompt.method.hide.HidePromptMethod;
import dev.itprompt.method.itprompt.ItPromptMethod;
import dev.itprompt.method.joint.JointMethod;
import dev.itprompt.method.l2p.L2pMethod;
import dev.itprompt.method.l2p.L2pPlusPlusMethod;
import dev.itprompt.method.lda.LdaMethod;
import dev.itprompt.method.ncm.NcmMethod;
import dev.itprompt.method.nsp.VptNsp2Method;
import dev.itprompt.method.probe.LinearProbeMethod;
import dev.itprompt.method.rail.RailMethod;
import dev.itprompt.method.ranpac.LoranpacMethod;
import dev.itprompt.method.ranpac.RanpacMethod;
import dev.itprompt.method.rapf.RapfMethod;
import dev.itprompt.method.sharedprompt.SharedPromptMethod;
import dev.itprompt.method.simplecil.SimpleCilMethod;
import dev.itprompt.method.sprompt.SPromptMethod;
import dev.itprompt.method.sprompt.SPromptPlusPlusMethod;
import dev.itprompt.method.vq.VqPromptMethod;
import dev.itprompt.method.zeroshot.ZeroShotMethod;
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
                    new GaussianMethod(),
                    new RanpacMethod(),
                    new LoranpacMethod(),
                    new RailMethod(),
                    new AnacpMethod(),
                    new RapfMethod(),
                    new LinearProbeMethod(),
                    new HidePromptMethod(),
                    new VqPromptMethod(),
                    new CodaPromptMethod(),
                    new DualPromptMethod(),
                    new L2pMethod(),
                    new L2pPlusPlusMethod(),
                    new SPromptMethod(),
                    new SPromptPlusPlusMethod(),
                    new VptNsp2Method(),
                    new SharedPromptMethod(),
                    new JointMethod()),
            List.of(
                    new Variant("gaussian-shared", "gaussian", "one covariance, shrunk, that all classes share", List.of("rank=0")),
                    new Variant("linear-probe-replay", "linear-probe", "a linear probe that is trained again on features drawn of all classes",
                            List.of("replayed=true")),
                    new Variant("linear-probe-naive", "linear-probe", "a linear probe that is fine-tuned task after task, nothing done about forgetting",
                            List.of("masked=false")),
                    new Variant("it-prompt-no-prompts", "it-prompt", "IT-Prompt with prompts off", List.of("length=0")),
                    new Variant("it-prompt-no-text", "it-prompt", "IT-Prompt without the text guide", List.of("textGuide=off")),
                    new Variant("it-prompt-oracle", "it-prompt", "IT-Prompt told the true task of each test image",
                            List.of("selection=oracle")),
                    new Variant("it-prompt-joint", "it-prompt", "IT-Prompt on all tasks as one, its own upper bound",
                            List.of("jointly=true")),
                    new Variant("hide-prompt-compat", "hide-prompt", "HiDe-Prompt with prefixes as its code has them by mistake",
                            List.of("reshaped=true")),
                    new Variant("vq-prompt-s", "vq-prompt", "VQ-Prompt without replay", List.of("replay.epochs=0")),
                    new Variant("l2p++-deep", "l2p++", "L2P++ in five layers", List.of("layers=[0, 1, 2, 3, 4]")),
                    new Variant("dualprompt-compat", "dualprompt", "DualPrompt with prefixes as its ports have them by mistake",
                            List.of("reshaped=true")),
                    new Variant("s-prompt++-compat", "s-prompt++", "S-Prompt++ with prefixes as HiDe-Prompt's code has them by mistake",
                            List.of("reshaped=true"))));

    private Registry() {}
}
