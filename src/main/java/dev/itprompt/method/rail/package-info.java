/** RAIL (Xu et al. 2024) in its primal form: ridge regression from random features, mixed with CLIP's zero-shot answers. */
package dev.itprompt.method.rail;
