/** CLIP as it is (Continual-CLIP). */
package dev.itprompt.method.zeroshot;
