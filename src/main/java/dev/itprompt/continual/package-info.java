/**
 * The class-incremental protocol: scenario, class order, accuracy matrix and metrics. Entry classes:
 * {@link dev.itprompt.continual.Scenario} and {@link dev.itprompt.continual.Metric}. May use everything below it:
 * {@code method}, {@code data}, {@code model}.
 */
package dev.itprompt.continual;
