/** L2P (Wang et al. 2022) and its variants: what their learners are made of. */
package dev.itprompt.method.l2p;
