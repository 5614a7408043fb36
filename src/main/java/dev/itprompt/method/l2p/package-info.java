/** L2P (Wang et al. 2022) and its variants. */
package dev.itprompt.method.l2p;
