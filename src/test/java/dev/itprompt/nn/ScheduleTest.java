package dev.itprompt.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Schedules against values computed by the reference implementations. */
class ScheduleTest {

    @Test
    void codaCosine() {
        assertEquals(1, Schedule.codaCosine(0, 20));
        assertEquals(0.996652, Schedule.codaCosine(1, 20), 5e-7);
        assertEquals(0.683341, Schedule.codaCosine(10, 20), 5e-7);
        assertEquals(0.015707, Schedule.codaCosine(19, 20), 5e-7);
        assertEquals(1, Schedule.codaCosine(0, 1), "a single epoch");
    }

    @Test
    void coswm() {
        assertEquals(1e-6, Schedule.coswm(0, 80, 800, 0.0125, 1e-6));
        assertEquals(1e-6, Schedule.coswm(79, 80, 800, 0.0125, 1e-6));
        assertEquals(0.0125, Schedule.coswm(80, 80, 800, 0.0125, 1e-6), 1e-15);
        assertEquals(0.0124999405, Schedule.coswm(81, 80, 800, 0.0125, 1e-6), 5e-11);
        assertEquals(0.0062505, Schedule.coswm(440, 80, 800, 0.0125, 1e-6), 5e-8);
        assertEquals(2.97715e-5, Schedule.coswm(778, 80, 800, 0.0125, 1e-6), 5e-11);
    }

    @Test
    void warmupThenCosine() {
        assertEquals(0.1, Schedule.warmupCosine(0, 10, 100, 0), 1e-12);
        assertEquals(1, Schedule.warmupCosine(9, 10, 100, 0), 1e-12);
        assertEquals(1, Schedule.warmupCosine(10, 10, 100, 0), 1e-12);
        assertEquals(0.5, Schedule.warmupCosine(55, 10, 100, 0), 1e-12);
        assertEquals(0.2, Schedule.warmupCosine(100, 10, 100, 0.2), 1e-12);
        assertEquals(1, Schedule.warmupCosine(0, 0, 100, 0), 1e-12, "no warm-up");
    }

    @Test
    void annealingPerEpoch() {
        assertEquals(1, Schedule.cosine(0, 30));
        assertEquals(0.5, Schedule.cosine(15, 30), 1e-12);
    }
}
