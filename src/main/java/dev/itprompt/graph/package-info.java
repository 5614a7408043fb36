/**
 * The static graph: ops ({@link dev.itprompt.graph.Op}), nodes with checked shapes ({@link dev.itprompt.graph.Graph}),
 * differentiation as a graph transform ({@link dev.itprompt.graph.Gradients}) and memory planning
 * ({@link dev.itprompt.graph.BufferPlan}). Knows tensors and nothing else.
 */
package dev.itprompt.graph;
