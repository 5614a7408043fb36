package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {

    private static final Manifest.Subject SUBJECT = new Manifest.Subject("seed: 1\n", Map.of("device", "cpu"), List.of(1, 0, 3, 2),
            List.of(List.of("a", "b"), List.of("c", "d")));

    @TempDir
    private Path folder;

    @Test
    void aKilledSessionStaysBesideTheOneThatWentOn() {
        Manifest.begin(folder, SUBJECT, "cpu: killed");
        assertEquals("not known", Manifest.read(folder).get("ended"));
        String started = Manifest.read(folder).get("started");
        Manifest.begin(folder, SUBJECT, "cpu: went on").end();
        Map<String, String> read = Manifest.read(folder);
        assertEquals("2", read.get("sessions"));
        assertEquals(started, read.get("started"));
        assertNotEquals("not known", read.get("ended"));
        assertEquals("cpu: went on", read.get("environment.device"));
    }

    /** Two packages, one of which begins at 0 again, and a part that is counted within one of them already. */
    @Test
    void energyIsThatOfAllPackages() throws IOException {
        zone("intel-rapl:0", "package-0", 9_000_000);
        zone("intel-rapl:0:0", "core", 1_000_000);
        zone("intel-rapl:1", "package-1", 1_000_000);
        try (EnergyMeter meter = EnergyMeter.begin(folder)) {
            zone("intel-rapl:0", "package-0", 1_500_000);
            zone("intel-rapl:0:0", "core", 9_000_000);
            zone("intel-rapl:1", "package-1", 4_000_000);
            assertEquals(2.5 + 3, meter.joules().orElseThrow(), 1e-9, "counters go to 10 joules");
            assertEquals(2.5 + 3, meter.joules().orElseThrow(), 1e-9, "nothing more since");
            Files.writeString(folder.resolve("intel-rapl:1/energy_uj"), "?");
            assertTrue(meter.joules().isEmpty());
        }
        try (EnergyMeter none = EnergyMeter.begin(folder.resolve("none"))) {
            assertTrue(none.joules().isEmpty());
        }
    }

    private void zone(String name, String domain, long microjoules) throws IOException {
        Path zone = Files.createDirectories(folder.resolve(name));
        Files.writeString(zone.resolve("name"), domain + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "10000000\n");
        Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
    }

    @Test
    void sessionsOfAnotherRunAreNotKept() throws IOException {
        Manifest.begin(folder, SUBJECT, "cpu").end();
        Manifest.begin(folder, new Manifest.Subject("seed: 2\n", SUBJECT.facts(), SUBJECT.classOrder(), SUBJECT.tasks()), "cpu");
        assertEquals("1", Manifest.read(folder).get("sessions"));
        Files.writeString(folder.resolve("manifest.json"), "{");
        assertTrue(assertThrows(InputException.class, () -> Manifest.read(folder)).getMessage().endsWith("; delete it"));
        Manifest.begin(folder, SUBJECT, "cpu");
        assertEquals("1", Manifest.read(folder).get("sessions"));
    }

    @Test
    void theSplitsHashTellsOrdersAndTasksApart() {
        Manifest.begin(folder, SUBJECT, "cpu");
        String hash = Manifest.read(folder).get("splitSha256");
        for (Manifest.Subject other : List.of(new Manifest.Subject("seed: 1\n", SUBJECT.facts(), List.of(0, 1, 3, 2), SUBJECT.tasks()),
                new Manifest.Subject("seed: 1\n", SUBJECT.facts(), SUBJECT.classOrder(), List.of(List.of("a"), List.of("b", "c", "d"))))) {
            Manifest.begin(folder, other, "cpu");
            assertNotEquals(hash, Manifest.read(folder).get("splitSha256"));
        }
        assertEquals(Map.of(), Manifest.read(folder.resolve("none")));
    }
}
