/**
 * Apache Spark as a cluster ({@link dev.itprompt.cluster.Cluster}). In a jar of its own, which Spark's start of programs is given beside
 * the program's; nothing else names a class of Spark.
 */
package dev.itprompt.spark;
