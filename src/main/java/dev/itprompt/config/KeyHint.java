package dev.itprompt.config;

import dev.itprompt.NearestMatch;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Finds the key that somebody meant who misspelt it, or who knows it by a name that other programs give it. */
public final class KeyHint {

    /** Names of other programs, in small letters without underscores, by the key's last part. */
    private static final Map<String, List<String>> ALIASES = Map.ofEntries(
            Map.entry("rate", List.of("lr", "learningrate", "baselr", "lrate", "promptlr")),
            Map.entry("headRate", List.of("lrhead", "headlr", "classifierlr")),
            Map.entry("schedule", List.of("scheduler", "sched", "lrscheduler", "lrschedule")),
            Map.entry("batch", List.of("bs", "batchsize", "trainbatchsize", "minibatch", "minibatchsize")),
            Map.entry("epochs", List.of("nepochs", "numepochs", "maxepochs", "numtrainepochs")),
            Map.entry("steps", List.of("nsteps", "numsteps", "maxsteps", "iters", "iterations")),
            Map.entry("warmup", List.of("warmupsteps", "warmupiters")),
            Map.entry("weightDecay", List.of("wd", "l2")),
            Map.entry("clip", List.of("gradclip", "clipgrad", "clipnorm", "maxgradnorm", "gradientclipping")),
            Map.entry("length", List.of("numprompts", "nprompts", "promptlength", "promptlen", "prefixlength", "prefixlen", "numtokens")),
            Map.entry("layers", List.of("promptlayers", "layeridx", "depth", "numlayers", "nlayers", "numhiddenlayers")),
            Map.entry("clusters", List.of("nclusters", "numclusters")),
            Map.entry("centroids", List.of("ncentroids", "numcentroids")),
            Map.entry("temperature", List.of("tau", "temp")),
            Map.entry("contrast", List.of("lambdacr")),
            Map.entry("textWeight", List.of("lambdatxt")),
            Map.entry("keyWeight", List.of("lambdakey", "pullconstraintcoeff")),
            Map.entry("augment", List.of("augmentation", "dataaug")),
            Map.entry("flip", List.of("hflip", "horizontalflip")),
            Map.entry("checkpoint", List.of("model", "backbone", "modelname", "modelpath", "pretrained", "arch")),
            Map.entry("path", List.of("data", "datapath", "datadir", "dataroot", "root", "traindir", "trainpath")),
            Map.entry("testPath", List.of("testdir", "valdir", "valpath")),
            Map.entry("classNames", List.of("classes", "labels", "classlabels")),
            Map.entry("split", List.of("tasks", "ntasks", "numtasks", "increment")),
            Map.entry("seed", List.of("randomseed", "rngseed", "manualseed")),
            Map.entry("template", List.of("prompttemplate", "textprompt")),
            Map.entry("imageSize", List.of("inputsize", "resolution", "imgsize")),
            Map.entry("patch", List.of("patchsize")),
            Map.entry("width", List.of("hiddensize", "hiddendim", "embeddim")));

    /** Sections that had another name before, in small letters without dashes; with the name they have now. */
    private static final Map<String, String> FORMER_SECTIONS = Map.of("itprompt", "methods.it-prompt");

    private static final Map<String, String> KEYS = new HashMap<>();

    static {
        ALIASES.forEach((key, names) -> names.forEach(name -> KEYS.put(name, key)));
    }

    private KeyHint() {}

    /**
     * The known key that an unknown one may stand for: by its former name, or its common name, as {@code lr} for {@code rate}, else by its
     * spelling.
     *
     * @param key   with its sections as far as they were given, such as {@code methods.it-prompt.lr} or {@code lr}
     * @param known keys with their sections
     */
    public static Optional<String> of(String key, Iterable<String> known) {
        String first = key.split("\\.", 2)[0];
        String renamed = FORMER_SECTIONS.get(plain(first));
        if (renamed != null) {
            String path = renamed + key.substring(first.length());
            return StreamSupport.stream(known.spliterator(), false).anyMatch(path::equals) ? Optional.of(path) : find(path, known);
        }
        return find(key, known);
    }

    private static String plain(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    private static Optional<String> find(String key, Iterable<String> known) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        String meant = KEYS.get(plain(last));
        if (meant != null) {
            String path = key.substring(0, key.length() - last.length()) + meant;
            List<String> candidates = StreamSupport.stream(known.spliterator(), false)
                    .filter(candidate -> ("." + candidate).endsWith("." + meant)).toList();
            Optional<String> found = candidates.stream().filter(candidate -> ("." + candidate).endsWith("." + path)).findFirst()
                    .or(() -> candidates.stream().findFirst());
            if (found.isPresent()) {
                return found;
            }
        }
        return NearestMatch.ofKey(key, known);
    }

    /** Common names of a key's last part; for tests. */
    public static Map<String, List<String>> aliases() {
        return ALIASES;
    }
}
