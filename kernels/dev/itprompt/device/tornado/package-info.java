/**
 * TornadoVM as a device: kernels in plain Java, one file per family of ops, and
 * {@link dev.itprompt.device.tornado.TornadoDevice}, which runs graphs with them on OpenCL, PTX or CUDA.
 *
 * <p>All values of all graphs lie in one device array, the heap. Every kernel has the same three parameters: the context, the
 * heap and a table of whole numbers: where in the heap its operands begin, extents, and where a few other numbers begin. The table
 * travels with each launch, so that a kernel is compiled once per device, whatever the graphs and shapes.
 *
 * <p>What the compiler demands of kernels: local arrays are indexed in the kernel method itself and nowhere else; branches do
 * not run different loops on one variable; no condition that negates part of another; no {@code Math.fma}, no NaN or infinity
 * written down, no exceptions, no recursion, no conversion between the bits of ints and floats, no method named like an OpenCL
 * function.
 */
package dev.itprompt.device.tornado;
