package dev.itprompt.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class DeviceProviderTest {

    /** Where the SDK is, the build adds the device and its tests; where it is not, this says so. */
    @Test
    void theTornadoDeviceIsBuiltWhereItsSdkIs() {
        List<String> kinds = ServiceLoader.load(DeviceProvider.class).stream().map(provider -> provider.get().kind()).toList();
        assumeTrue(!kinds.isEmpty(), "TornadoVM's SDK is neither in TORNADOVM_HOME nor where SDKMAN puts it: kernels/ is left out and "
                + "its tests do not run");
        assertEquals(List.of("tornado"), kinds);
    }
}
