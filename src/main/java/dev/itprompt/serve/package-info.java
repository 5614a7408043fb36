/**
 * What a run has learned, over HTTP: a queue before the model, which one thread uses, and a server that answers with JSON and a page. Uses
 * experiment and report; knows no device by name.
 */
package dev.itprompt.serve;
