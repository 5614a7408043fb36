/** SimpleCIL (Zhou et al. 2024): class prototypes of frozen features, with CLIP mixed with class texts. */
package dev.itprompt.method.simplecil;
