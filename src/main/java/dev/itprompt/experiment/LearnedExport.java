package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.checkpoint.NumpyFile;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StoredValues;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** What a method has learned, for other programs; docs/export.md says how to classify with it. */
public final class LearnedExport {

    /** Kinds of files. */
    public enum Format { SAFETENSORS, NPZ, JSON }

    private LearnedExport() {}

    /** Writes values under their names, and the names of method and classes. */
    public static void write(Path file, Format format, LearnedRun learned) {
        LinkedHashMap<String, StoredValues> values = learned.values();
        String classes = ResultFiles.JSON.writeValueAsString(learned.classes());
        switch (format) {
            case SAFETENSORS -> SafeTensors.writeValues(file, values, Map.of("classes", classes));
            case NPZ -> {
                values.put("classes", new StoredValues.Text(classes));
                NumpyFile.write(file, values);
            }
            case JSON -> AtomicFile.write(file, json(values, learned).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String json(Map<String, StoredValues> values, LearnedRun learned) {
        ObjectNode root = ResultFiles.JSON.createObjectNode().put("method", learned.method());
        root.set("classes", ResultFiles.JSON.valueToTree(learned.classes()));
        ObjectNode all = root.putObject("values");
        values.forEach((name, value) -> {
            ObjectNode node = all.putObject(name);
            node.set("shape", ResultFiles.JSON.valueToTree(value.shape()));
            node.set("data", ResultFiles.JSON.valueToTree(switch (value) {
                case StoredValues.Floats floats -> floats.tensor().toArray();
                case StoredValues.Doubles doubles -> doubles.values();
                case StoredValues.Longs longs -> longs.values();
                case StoredValues.Text text -> text.text();
            }));
        });
        return ResultFiles.JSON.writeValueAsString(root) + "\n";
    }
}
