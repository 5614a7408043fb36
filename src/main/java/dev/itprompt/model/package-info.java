/**
 * Models as graphs: the vision transformer in the CLIP and the timm style, the text transformer, CLIP as a pair of both with
 * its configuration and weights, and CLIP's tokenizer. Knows graphs and no device. Weights carry the names of OpenAI's CLIP.
 */
package dev.itprompt.model;
