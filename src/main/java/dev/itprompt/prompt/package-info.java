/**
 * What enters a frozen image tower: prompts of every published kind behind one interface ({@link dev.itprompt.prompt.Prompting}). A
 * prompting describes how its values are drawn, how they change when a task begins or ends, and which nodes they add to a graph;
 * the values themselves are a map of tensors that belongs to the learner. Knows graphs, layers and models, and no device.
 */
package dev.itprompt.prompt;
