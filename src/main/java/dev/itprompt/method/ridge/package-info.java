/** Ridge regression on random features: what methods without any training have in common (RanPAC, RAIL, AnaCP). */
package dev.itprompt.method.ridge;
