/** One prompt and a classifier trained on all tasks together: the upper bound. */
package dev.itprompt.method.joint;
