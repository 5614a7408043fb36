/**
 * Checkpoint files: containers, the names of the tensors inside, and models made of them. From the file to the model:
 *
 * <ol>
 *   <li>{@link dev.itprompt.checkpoint.Checkpoint} opens a file of any known format and lists its tensors by name, reading none
 *       ({@code ZipArchive}, {@code TorchZip}, {@code TorchLegacy}, {@code NumpyFile}, {@code SafeTensors});</li>
 *   <li>{@code KeyMatch} finds the family of the names, described by a JSON file in {@code keymaps}, and maps them to the names of
 *       OpenAI's CLIP, which every model here uses;</li>
 *   <li>{@link dev.itprompt.checkpoint.ModelSizes} are what the shapes tell, {@link dev.itprompt.checkpoint.ModelFacts} what they do
 *       not: each a {@link dev.itprompt.checkpoint.Fact} with its source, which may be a configuration beside the file ({@code
 *       HuggingFaceConfig}, {@code OpenClipConfig}, {@code TimmConfig}) or what is published ({@code PublishedHeads});</li>
 *   <li>{@link dev.itprompt.checkpoint.ModelReader} asks for what nothing tells and loads the weights ({@code ModelTensors});</li>
 *   <li>{@link dev.itprompt.checkpoint.ModelFolder} writes the result, and reads it again.</li>
 * </ol>
 *
 * <p>No file is trusted. Nothing in it is run and no class is loaded because of it; a fault is a {@link
 * dev.itprompt.checkpoint.CheckpointException} with file and offset; time and memory are bounded by the file's length.
 *
 * <p>May use {@code dev.itprompt.pickle}, {@code dev.itprompt.tensor}, {@code dev.itprompt.model} and the preprocessing in {@code dev.itprompt.data}.
 */
package dev.itprompt.checkpoint;
