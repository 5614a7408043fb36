package dev.itprompt.device;

import dev.itprompt.InputException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A kind of device that is only there in some builds; found as a service ({@link java.util.ServiceLoader}). A device is named
 * by its kind, or by its kind, a colon and what tells it from others of the kind.
 */
public interface DeviceProvider {

    /** The kind, such as {@code tornado}. */
    String kind();

    /**
     * Names of all devices of this kind that are at hand, the default one first; without the kind.
     *
     * @throws InputException if none can be used, saying what to do
     */
    List<String> names();

    /**
     * Opens a device.
     *
     * @param name one of {@link #names()}, a part of one up to a colon, or empty for the default device
     * @throws InputException if there is no such device, saying which there are or what to install
     */
    Device open(String name);

    /**
     * The same device with each family of its kernels for matrix products and attention, by the family's name, those that are read first
     * first; to be opened one after another.
     *
     * @param name as for {@link #open}
     * @throws InputException as {@link #open}
     */
    default Map<String, Supplier<Device>> families(String name) {
        return Map.of("", () -> open(name));
    }

    /**
     * The source text that each kernel becomes for a device. To be asked for before any device of this kind is opened.
     *
     * @param name as for {@link #open}
     * @return by kernel; what kind of text it is follows from the device
     * @throws InputException as {@link #open}
     */
    Map<String, String> sources(String name);
}
