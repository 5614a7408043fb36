package dev.itprompt.trace;

import dev.itprompt.method.coda.CodaPrompts;
import dev.itprompt.method.dualprompt.DualPrompts;
import dev.itprompt.method.l2p.L2pPrompts;
import dev.itprompt.method.prompted.TaskPoolSettings;
import dev.itprompt.method.vq.VqPrompts;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.nn.Schedule;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.TaskPrefix;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pull;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Which method a trace is of, with the settings that stand in its metadata. */
final class Families {

    private static final int TASKS = 2;
    private static final List<Integer> BLOCKS = List.of(0, 1, 2, 3, 4);
    private static final List<Integer> GENERAL = List.of(0, 1);
    private static final List<Integer> EXPERT = List.of(2, 3, 4);
    /** Entries for each image in CODA-Prompt's L2P++. */
    private static final int PLUS_PLUS_COUNT = 5;
    /** The rate of prompts as a multiple of the head's, in VQ-Prompt's code. */
    private static final double VQ_PROMPT_FACTOR = 5;
    private static final double FLOOR = 1e-6;

    private Families() {}

    static Published of(Trace trace) {
        String algorithm = trace.provenance().path("algo").stringValue("");
        return switch (algorithm) {
            case "coda", "coda_mu" -> coda(trace);
            case "dual", "l2p", "l2p_own", "l2pdeep" -> codaPort(trace, algorithm);
            case "vq", "vq_t5" -> vq(trace);
            case "hide_dual", "jh_dual", "hide_sprompt", "hide_l2p", "jh_l2p" -> port(trace, algorithm);
            case "" -> hide(trace);
            default -> throw new IllegalArgumentException(trace.name() + ": no method '" + algorithm + "'");
        };
    }

    private static Form.Prefixes prefixes(List<Integer> blocks, int length) {
        return Form.Prefixes.of(blocks, length, World.WIDTH);
    }

    private static double[] parameters(Trace trace) {
        return trace.provenance().get("prompt_param").valueStream().mapToDouble(JsonNode::doubleValue).toArray();
    }

    private static Published.Rates codaRates(Trace trace) {
        JsonNode config = trace.provenance().get("config");
        double rate = config.get("lr").doubleValue();
        int epochs = config.get("schedule").valueStream().mapToInt(JsonNode::intValue).max().orElseThrow();
        int updates = config.get("iter_step").intValue();
        return n -> new double[] {rate * Schedule.codaCosine(Schedule.lagged(n / updates), epochs)};
    }

    private static Published coda(Trace trace) {
        double[] settings = parameters(trace);
        Prompting prompting = CodaPrompts.of(
                new CodaPrompts.Sizes(BLOCKS, World.WIDTH, World.WIDTH, (int) settings[1] / 2, (int) settings[0] / TASKS), settings[2]);
        return new Published(prompting, new Layout.OfCoda("", ""), true, Double.POSITIVE_INFINITY, codaRates(trace), 0);
    }

    private static Published codaPort(Trace trace, String algorithm) {
        double[] settings = parameters(trace);
        boolean dual = algorithm.equals("dual");
        int entries = (int) settings[0];
        int rows = (int) settings[1];
        Prompting prompting = dual
                ? DualPrompts.of(prefixes(GENERAL, (int) settings[2] / 2), prefixes(EXPERT, rows / 2), World.WIDTH,
                        new TaskPoolSettings(entries, true, 0, false, 1, Distance.SUM, false, false), false)
                : L2pPrompts.prefixes(prefixes(settings[2] > 0 ? BLOCKS : List.of(0), rows / 2),
                        new L2pPrompts.Choice(World.WIDTH, entries, PLUS_PLUS_COUNT),
                        new Pull(algorithm.equals("l2p_own") ? Distance.SUM : Distance.SUM_OF_ALL_PAIRS, 1));
        Layout layout = dual ? new Layout.OfCoda("general.", "expert.") : new Layout.OfCoda("", "");
        return new Published(prompting, layout, true, Double.POSITIVE_INFINITY, codaRates(trace), 0);
    }

    private static Published vq(Trace trace) {
        double[] settings = parameters(trace);
        JsonNode config = trace.provenance().get("config");
        double rate = config.get("lr").doubleValue();
        int frozen = config.get("schedule").get(0).intValue();
        int total = config.get("iter_step").intValue() * config.get("schedule").get(2).intValue();
        Prompting prompting = VqPrompts.of(prefixes(BLOCKS, (int) settings[1] / 2), World.WIDTH, (int) settings[0], settings[2]);
        return new Published(prompting, new Layout.OfCoda("", ""), true, Double.POSITIVE_INFINITY, n -> new double[] {
            Schedule.vqUpdate(n, frozen, total, VQ_PROMPT_FACTOR * rate, FLOOR),
            Schedule.vqUpdate(n, frozen, total, rate, FLOOR)}, 0);
    }

    private static Published port(Trace trace, String algorithm) {
        JsonNode prompt = trace.provenance().get("prompt");
        JsonNode args = trace.provenance().get("args");
        double pull = args.get("pull_constraint_coeff").doubleValue();
        int length = prompt.get("length").intValue();
        int entries = prompt.get("size").intValue();
        boolean vote = prompt.get("batchwise").booleanValue();
        boolean reshaped = !trace.provenance().get("variant").stringValue().equals("permfix");
        L2pPrompts.Choice choice = new L2pPrompts.Choice(World.WIDTH, entries, prompt.get("top_k").intValue());
        TaskPoolSettings pool = new TaskPoolSettings(entries, false, -1, true, pull, Distance.MEAN, reshaped, false);
        Prompting prompting = switch (algorithm) {
            case "hide_l2p" ->
                L2pPrompts.tokens(new Form.TokenRows(length, World.WIDTH, Place.BEFORE_CLASS_TOKEN, false, false), choice, pull, vote);
            case "jh_l2p" ->
                L2pPrompts.tokens(new Form.TokenRows(length, World.WIDTH, Place.AFTER_CLASS_TOKEN, true, true), choice, pull, vote);
            case "hide_sprompt" -> pool.pool(prefixes(BLOCKS, length), World.WIDTH, vote);
            default -> DualPrompts.of(prefixes(GENERAL, trace.get("init/g_prompt").shape()[2]), prefixes(EXPERT, length), World.WIDTH, pool,
                    vote);
        };
        boolean together = prompt.get("g").booleanValue();
        Layout layout = new Layout.OfPorts(together ? "general." : "", together ? "expert." : "",
                prompt.get("layers").valueStream().map(JsonNode::intValue).toList());
        double rate = args.get("lr").doubleValue();
        return new Published(prompting, layout, false, args.get("clip_grad").doubleValue(), n -> new double[] {rate}, 0);
    }

    private static Published hide(Trace trace) {
        JsonNode args = trace.provenance().get("args");
        double rate = args.get("lr").doubleValue();
        int every = args.get("decay_epochs").intValue();
        double factor = args.get("decay_rate").doubleValue();
        boolean reshaped = !trace.provenance().get("variant").stringValue().equals("permfix");
        int[] shape = trace.get("init/e_prompt.prompt").shape();
        Prompting prompting = new TaskPrefix(new Form.Prefixes(BLOCKS, shape[3], World.WIDTH, reshaped),
                args.get("prompt_momentum").doubleValue());
        Layout layout = new Layout.OfPorts("", "", IntStream.range(0, shape[0]).boxed().toList());
        return new Published(prompting, layout, false, args.get("clip_grad").doubleValue(), n -> {
            double now = rate * Schedule.step(Schedule.lagged(n / World.UPDATES_OF_EPOCH), every, factor);
            return new double[] {now, now / 10};
        }, args.get("reg").doubleValue());
    }
}
