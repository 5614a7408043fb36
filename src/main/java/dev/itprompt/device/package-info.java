/**
 * Where graphs run: the service interface ({@link dev.itprompt.device.Device}, {@link dev.itprompt.device.Executable}), what
 * devices in host memory share ({@link dev.itprompt.device.HostDevice}) and the scalar reference that defines every op
 * ({@link dev.itprompt.device.ReferenceDevice}). Devices never import each other; only the command line picks one.
 */
package dev.itprompt.device;
