package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelResourcesTest {

    private static final String LOG = """
            ptxas info    : 0 bytes gmem
            ptxas info    : Compiling entry function 'softmax' for 'sm_90'
            ptxas info    : Function properties for softmax
                48 bytes stack frame, 12 bytes spill stores, 16 bytes spill loads
            ptxas info    : Used 40 registers, used 1 barriers, 48 bytes cumulative stack size, 256 bytes smem
            """;

    @TempDir
    Path folder;

    private Path ptx(String body) throws Exception {
        Assumptions.assumeTrue(Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "ptxas"))), "there is no ptxas on the PATH");
        return Files.writeString(folder.resolve("kernel.ptx"),
                ".version 7.6\n.target sm_86\n.address_size 64\n.visible .entry kernel() {\n" + body + "\n}\n");
    }

    @Test
    void readsWhatPtxasPrints() {
        assertEquals(new KernelResources(40, 256, 48, 12, Optional.empty()), KernelResources.parse(LOG));
    }

    @Test
    void sharedMemoryIsNotMentionedWhereThereIsNone() {
        assertEquals(0, KernelResources.parse(LOG.replace(", 256 bytes smem", "")).shared());
    }

    @Test
    void outputWithoutRegistersIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> KernelResources.parse("ptxas info    : 0 bytes gmem"));
    }

    @Test
    void countsSharedMemoryOfCompiledPtx() throws Exception {
        Path file = ptx(".shared .align 4 .b8 lanes[256]; st.shared.u32 [lanes], 1; ret;");
        assertEquals(256, KernelResources.of(file, "sm_90").shared());
    }

    @Test
    void faultyPtxIsReportedInOneLine() throws Exception {
        Path file = ptx("nonsense;");
        String message = assertThrows(IllegalStateException.class, () -> KernelResources.of(file, "sm_90")).getMessage();
        assertTrue(message.contains("ptxas") && message.contains("line 5") && message.lines().count() == 1, message);
    }
}
