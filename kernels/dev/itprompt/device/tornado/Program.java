package dev.itprompt.device.tornado;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.SchedulableTask;
import uk.ac.manchester.tornado.runtime.common.KernelStackFrame;
import uk.ac.manchester.tornado.runtime.common.TornadoInstalledCode;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.tasks.meta.TaskDataContext;

/**
 * A kernel as TornadoVM has compiled it. It is launched with the addresses of its arrays, past TornadoVM's interpreter, which would look
 * after the state of every array at each launch, and copy those that may have changed.
 */
final class Program {

    /** What TornadoVM's own launches tell of a grid, which no kernel here asks for. */
    private static final HashMap<Integer, Integer> NO_CONTEXT = new HashMap<>();

    private final TornadoInstalledCode code;
    private final TaskDataContext meta;
    private final WorkerGrid1D grid;

    /**
     * @param graph whose only task is compiled already
     */
    Program(TornadoXPUDevice device, TornadoExecutionPlan plan, ImmutableTaskGraph graph, GridScheduler scheduler) {
        SchedulableTask task = task(graph);
        this.code = device.getCodeFromCache(plan.getId(), task);
        this.meta = (TaskDataContext) task.meta();
        this.grid = (WorkerGrid1D) scheduler.get(task.getId());
        meta.setGridScheduler(scheduler);
    }

    /** TornadoVM keeps its tasks to itself, but opens the package. */
    private static SchedulableTask task(ImmutableTaskGraph graph) {
        try {
            Method mutable = ImmutableTaskGraph.class.getDeclaredMethod("getTaskGraph");
            Method implementation = TaskGraph.class.getDeclaredMethod("getTaskGraphImpl");
            mutable.setAccessible(true);
            implementation.setAccessible(true);
            return ((TornadoTaskGraphInterface) implementation.invoke(mutable.invoke(graph))).getTask(Engine.TASK);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("this TornadoVM is not 5.2.0: " + e.getMessage(), e);
        }
    }

    /**
     * Launches the kernel.
     *
     * @param groups work-groups
     * @param group  items of each
     * @param arrays what the kernel is given beside its context
     */
    void launch(long plan, KernelStackFrame frame, int groups, int group, Resident... arrays) {
        grid.setGlobalWork((long) groups * group, 1, 1);
        grid.setLocalWork(group, 1, 1);
        frame.reset();
        frame.setKernelContext(NO_CONTEXT);
        frame.addCallArgument(new KernelStackFrame.KernelContextArgument(), false);
        for (Resident array : arrays) {
            frame.addCallArgument(array.handle(), true);
        }
        code.launchWithoutDependencies(plan, frame, null, meta, 0);
    }
}
