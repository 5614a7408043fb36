/** The command line: commands, options, progress, exit codes. */
package dev.itprompt.cli;
