/**
 * Pieces of networks that add nodes to a graph: named parameters ({@link dev.itprompt.nn.Parameters}), the transformer
 * ({@link dev.itprompt.nn.Transformer}), optimizers ({@link dev.itprompt.nn.Optimizer}). Knows graphs and no device.
 */
package dev.itprompt.nn;
