/** One prompt tuned task after task: the forgetting baseline. */
package dev.itprompt.method.sharedprompt;
