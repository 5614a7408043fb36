package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class KernelHistoryTest {

    @TempDir
    private Path folder;

    private static KernelHistory.Entry entry(String device, double gflops) {
        return new KernelHistory.Entry("2026-01-02T03:04:05Z", "abc", device, "tiny", 8, List.of(new KernelHistory.Rate("qkv", "blocks", 2, gflops, 1),
                new KernelHistory.Rate("layer-norm", "", 0.5, 0, 12)));
    }

    /** What was added is read again, and the page has a table per device with first and last rates, whatever a device calls itself. */
    @Test
    void thePageShowsFirstAndLastRatesOfEachDevice() throws Exception {
        Path file = folder.resolve("all.jsonl");
        KernelHistory.add(file, entry("<script> & \"co\"", 10));
        KernelHistory.add(file, entry("other", 5));
        Path page = KernelHistory.add(file, entry("<script> & \"co\"", 40));
        assertEquals(List.of(10.0, 5.0, 40.0), KernelHistory.read(file).stream().map(entry -> entry.kernels().getFirst().gflops()).toList());
        assertEquals(folder.resolve("all.html"), page);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        String text = Files.readString(page).replaceFirst("<!DOCTYPE html>", "");
        Element html = factory.newDocumentBuilder().parse(new ByteArrayInputStream(text.getBytes())).getDocumentElement();
        NodeList rows = html.getElementsByTagName("tr");
        assertEquals(6, rows.getLength(), "two devices, each with a head and two kernels");
        assertTrue(rows.item(1).getTextContent().contains("qkv, blocks"), rows.item(1).getTextContent());
        assertTrue(rows.item(1).getTextContent().contains("10.040.02.000GFLOP/s"), rows.item(1).getTextContent());
        assertTrue(rows.item(2).getTextContent().contains("12.012.00.500GB/s"), rows.item(2).getTextContent());
        assertEquals(0, html.getElementsByTagName("script").getLength());
        assertEquals("3.0,16.5 117.0,3.0", ((Element) html.getElementsByTagName("polyline").item(0)).getAttribute("points"));
    }
}
