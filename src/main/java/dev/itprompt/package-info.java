/** What all rooms share: errors of one line, random streams, atomic files, locks, progress. */
package dev.itprompt;
