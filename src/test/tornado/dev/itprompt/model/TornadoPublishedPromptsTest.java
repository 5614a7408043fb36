package dev.itprompt.model;

import dev.itprompt.device.tornado.TestedDevice;
import java.util.List;

/** The first training steps of published methods on the default TornadoVM device. */
class TornadoPublishedPromptsTest extends PublishedPromptsTest {

    static List<Run> runs() {
        return List.of(new Run("tornado", TestedDevice::open, 2e-5));
    }
}
