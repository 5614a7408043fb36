package dev.itprompt.device.tornado;

/** A kernel could not be compiled or run, or memory not be had. The message is one line that names device and kernel. */
public final class TornadoException extends RuntimeException {

    TornadoException(String message, Throwable cause) {
        super(message, cause);
    }
}
