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
