package dev.itprompt.device.tornado;

import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.common.XPUDeviceBufferState;

/** An array of the device, and the one of the same length on the host that copies go to and come from. */
final class Resident {

    private final TornadoXPUDevice device;
    private final long plan;
    private final TornadoNativeArray array;
    private final XPUDeviceBufferState state = new XPUDeviceBufferState();

    /**
     * Allocates it on the device.
     *
     * @param plan of the queue that copies are made in
     */
    Resident(TornadoXPUDevice device, long plan, TornadoNativeArray array) {
        this.device = device;
        this.plan = plan;
        this.array = array;
        device.allocate(array, 0, state, Access.READ_WRITE);
    }

    /** What a kernel is given: an address, or what stands for one. */
    long handle() {
        return state.getXPUBuffer().toBuffer();
    }

    /** On the host, without what TornadoVM keeps before the values. */
    MemorySegment segment() {
        return array.getSegment();
    }

    /** Copies all of it to the device; the host's values stay as they are until the copy is done. */
    void upload() {
        device.streamIn(plan, array, 0, 0, state, null);
    }

    /** Copies all of it to the host, and waits. */
    void download() {
        device.streamOutBlocking(plan, array, 0, state, null);
    }

    /** Frees the device's memory. */
    void free() {
        device.deallocate(state);
    }
}
