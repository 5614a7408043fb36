/**
 * What a run's result files say, and everything that is made of them: metrics by name, comparisons, tables, charts and pages. Nothing
 * here needs a model or a data set; {@link dev.itprompt.report.RunReader} reads the files, all else works on what it read.
 */
package dev.itprompt.report;
