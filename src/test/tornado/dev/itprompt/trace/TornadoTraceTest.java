package dev.itprompt.trace;

import dev.itprompt.device.tornado.TestedDevice;
import dev.itprompt.trace.ReferenceTraceTest.Run;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The traces that come with the tests on the default TornadoVM device. */
class TornadoTraceTest {

    /** Exponentials and logarithms are the driver's; HiDe-Prompt's contrast, whose similarities are large, shows that. */
    private static final double SLACK = 10;

    @TestFactory
    Stream<DynamicTest> committedTraces() {
        return ReferenceTraceTest.traces(ReferenceTraceTest.COMMITTED, List.of(new Run("tornado", TestedDevice::open, false, SLACK)));
    }
}
