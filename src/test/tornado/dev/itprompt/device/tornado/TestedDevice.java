package dev.itprompt.device.tornado;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import org.junit.jupiter.api.Assumptions;

/** The default TornadoVM device; tests that need it are skipped, with the reason, where there is none. */
public final class TestedDevice {

    private TestedDevice() {}

    public static Device open() {
        try {
            return new TornadoProvider().open("");
        } catch (InputException e) {
            return Assumptions.abort(e.getMessage());
        }
    }
}
