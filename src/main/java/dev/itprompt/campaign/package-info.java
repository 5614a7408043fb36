/**
 * Many runs: with several seeds in one process, or of methods on benchmarks with several settings in processes of their own. Uses
 * experiment and report; knows no device by name.
 */
package dev.itprompt.campaign;
