/**
 * The processor as a device, on the Vector API: {@link dev.itprompt.device.cpu.CpuDevice}. Kernels are static methods on
 * native addresses, one file per family; {@link dev.itprompt.device.cpu.Tiles} is the one matrix kernel below products of
 * tensors and attention alike. Uses device, graph and tensor.
 */
package dev.itprompt.device.cpu;
