/**
 * Training: what is common to everything that learns by steps. {@link dev.itprompt.train.Trainer} runs the steps of a graph, fed by
 * {@link dev.itprompt.train.ImageBatches} that are made ahead; {@link dev.itprompt.train.State} is what a learner knows, visited by one method
 * that saves and loads; {@link dev.itprompt.train.Checkpoints} let an interrupted training go on where it was. May use everything below
 * it: {@code data}, {@code nn}, {@code device}, {@code graph}, and the files of {@code checkpoint}.
 */
package dev.itprompt.train;
