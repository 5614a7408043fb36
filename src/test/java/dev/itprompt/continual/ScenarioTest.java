package dev.itprompt.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioTest {

    @Test
    void equalTasks() {
        Scenario scenario = Scenario.of(10, 1, "5x2");
        assertEquals(List.of(List.of(6, 8), List.of(9, 7), List.of(5, 3), List.of(0, 4), List.of(1, 2)), scenario.tasks());
        assertEquals(5, scenario.size());
        assertEquals(10, scenario.classes());
        assertEquals(0, scenario.learnedLabel(6));
        assertEquals(9, scenario.learnedLabel(2));
        assertEquals(4, scenario.firstLabel(2));
        assertEquals(6, scenario.seen(2));
        assertEquals(List.of(0, 0, 1, 1, 2, 2, 3, 3, 4, 4),
                java.util.stream.IntStream.range(0, 10).map(scenario::taskOf).boxed().toList());
        assertThrows(IndexOutOfBoundsException.class, () -> scenario.taskOf(10));
    }

    @Test
    void aBaseAndIncrements() {
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(4, 5, 6), List.of(7, 8, 9)), Scenario.of(10, 0, "4+3").tasks());
        assertEquals(1, Scenario.of(10, 0, "10+5").size());
        assertEquals(11, Scenario.of(200, 0, "100 + 10").size());
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9)), Scenario.of(10, 0, "4+4").tasks());
    }

    @Test
    void aNumberOfTasks() {
        assertEquals(Scenario.of(10, 1, "5x2").tasks(), Scenario.of(10, 1, "5").tasks());
        assertEquals(List.of(3, 3, 2, 2, 2), sizes(12, "5"));
        assertEquals(List.of(3, 3, 2, 2, 2), sizes(12, "auto"));
        assertEquals(List.of(2, 2, 2), sizes(6, "auto"));
        assertEquals(List.of(3), sizes(3, "auto"));
        assertEquals(List.of(1), sizes(1, "auto"));
        assertEquals(List.of(40, 40, 40, 40, 40), sizes(200, "auto"));
    }

    private static List<Integer> sizes(int classes, String split) {
        return Scenario.of(classes, 0, split).tasks().stream().map(List::size).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5x3", "0x10", "10x0", "3x3", "999999x999999", "0+5", "11+1", "5+0", "", "0", "11", "x", "5x2x1",
        "-5x-2", "five"})
    void impossibleSplitsSayWhatFits(String split) {
        InputException e = assertThrows(InputException.class, () -> Scenario.of(10, 0, split));
        assertTrue(e.getMessage().contains("'" + split + "'") && e.getMessage().contains("1x10, 2x5, 5x2, 10x1"),
                e.getMessage());
    }

    @Test
    void tasksThatAreNotTheOrderAreRefused() {
        assertThrows(InputException.class, () -> new Scenario(List.of(0, 1), List.of(List.of(1), List.of(0))));
        assertThrows(InputException.class, () -> new Scenario(List.of(0, 0), List.of(List.of(0, 0))));
        assertThrows(InputException.class, () -> new Scenario(List.of(0, 1), List.of(List.of(0, 1), List.of())));
        assertThrows(InputException.class, () -> new Scenario(List.of(0, 2), List.of(List.of(0, 2))));
    }

    @Test
    void baseAndIncrementAsPilotWritesThem() {
        assertEquals(List.of(50, 10, 10, 10, 10, 10), sizes(100, "B50Inc10"));
        assertEquals(List.of(30, 30, 30, 10), sizes(100, "B0Inc30"));
        assertEquals(List.of(20, 20, 20, 20, 20), sizes(100, "b0 inc20"));
        assertEquals(List.of(5), sizes(5, "B0-Inc10"));
        assertThrows(InputException.class, () -> sizes(100, "B0Inc0"));
        assertThrows(InputException.class, () -> sizes(100, "B101Inc1"));
    }

    @Test
    void groupsAreTakenWhereNothingElseIsAsked() {
        List<Integer> order = List.of(0, 1, 2, 3, 4, 5);
        assertEquals(List.of(List.of(0), List.of(1, 2, 3), List.of(4, 5)), Scenario.of(order, "auto", List.of(1, 3, 2)).tasks());
        assertEquals(2, Scenario.of(order, "2x3", List.of(1, 3, 2)).size());
    }

    @Test
    void domainsHaveAllClassesAgain() {
        Scenario scenario = Scenario.domains(3, List.of(1, 0));
        assertEquals(List.of(List.of(3, 4, 5), List.of(0, 1, 2)), scenario.tasks());
        assertEquals(6, scenario.classes());
        assertTrue(scenario.isSameClass(scenario.learnedLabel(1), scenario.learnedLabel(4)));
        assertFalse(scenario.isSameClass(scenario.learnedLabel(1), scenario.learnedLabel(3)));
        assertFalse(Scenario.of(6, 0, "2x3").isSameClass(0, 3));
    }
}
