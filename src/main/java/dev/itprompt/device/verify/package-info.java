/**
 * Checks of a device against the reference: every op at awkward sizes ({@link dev.itprompt.device.verify.OpCases}), and the errors
 * found ({@link dev.itprompt.device.verify.Verification}).
 */
package dev.itprompt.device.verify;
