package dev.itprompt.device.tornado;

/**
 * One execution of a kernel.
 *
 * @param groups  work-groups
 * @param table   where operands begin in the heap, and extents; see the kernel
 * @param numbers see the kernel; they are in the heap before the launch, and their place is an entry of the table
 */
record Launch(Kernel kernel, int groups, int[] table, float... numbers) {

    /** The last entry of every table: where in the heap the numbers begin. */
    static final int NUMBERS = Product.EPILOGUE + 6;

    /** One item for each of {@code size} values; the kernel itself leaves out those of the last group that are too many. */
    static Launch items(Kernel kernel, int size, int... table) {
        return new Launch(kernel, Math.ceilDiv(size, kernel.group), table);
    }

    /** A given number of work-groups. */
    static Launch groups(Kernel kernel, int groups, int... table) {
        return new Launch(kernel, groups, table);
    }

    /** The same launch with numbers. */
    Launch with(float... given) {
        return new Launch(kernel, groups, table, given);
    }
}
