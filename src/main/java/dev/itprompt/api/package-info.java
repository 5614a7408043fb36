/**
 * The entry for programs that use this one as a library: {@link dev.itprompt.api.FrozenModel} reads a checkpoint, embeds and classifies,
 * {@link dev.itprompt.api.ContinualLearner} learns one task after another. Graphs, gradients and optimizers of one's own are made with {@link
 * dev.itprompt.graph.Graph}, {@link dev.itprompt.graph.Gradients} and {@link dev.itprompt.nn.Optimizer} and run by a {@link
 * dev.itprompt.device.Device}. Uses experiment and all below it; knows no device by name.
 */
package dev.itprompt.api;
