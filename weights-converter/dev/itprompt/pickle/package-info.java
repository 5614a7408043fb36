/**
 * Python pickles as inert data: no class is looked up, nothing is called, whatever a pickle says. Checkpoints and some data sets are
 * made of them. May use nothing else of this project.
 */
package dev.itprompt.pickle;
