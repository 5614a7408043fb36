package dev.itprompt.method.itprompt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.method.ToyWorld;
import dev.itprompt.method.itprompt.ItPromptSettings.Selection;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ItPromptSettingsTest {

    /** A covariance of all features is collected and factored only for those who look at it. */
    @Test
    void onlyWhatIsUsedIsBuilt() {
        for (boolean whiten : new boolean[] {false, true}) {
            for (boolean cncmWhitens : new boolean[] {false, true}) {
                for (Selection selection : Selection.values()) {
                    ItPromptSettings s = settings(whiten, cncmWhitens, selection);
                    assertEquals(whiten || cncmWhitens && selection == Selection.CNCM, s.whitensPlain(), s.toString());
                    assertEquals(whiten || cncmWhitens, s.whitensPrompted(), s.toString());
                }
            }
        }
    }

    private static ItPromptSettings settings(boolean whiten, boolean cncmWhitens, Selection selection) {
        return ToyWorld.settings("whiten=" + whiten, "cncm.whiten=" + cncmWhitens, "selection=" + selection.name().toLowerCase(Locale.ROOT));
    }
}
