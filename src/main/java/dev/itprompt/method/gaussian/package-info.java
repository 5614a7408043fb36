/**
 * Gaussian heads of frozen features: a covariance that all classes share, shrunk, and of each class's own the few largest
 * directions.
 */
package dev.itprompt.method.gaussian;
