/**
 * Many runs: with several seeds in one process, or of methods on benchmarks with several settings in processes of their own, here
 * or on a cluster. Uses experiment, report and cluster; knows no device by name.
 */
package dev.itprompt.campaign;
