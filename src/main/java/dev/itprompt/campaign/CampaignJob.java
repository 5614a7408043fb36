package dev.itprompt.campaign;

import java.util.List;

/**
 * One run of a campaign.
 *
 * @param benchmark its name
 * @param settings  what this run sets, as the grid or the list says it; {@value Campaign#AS_THEY_ARE} where there is neither
 * @param run       the run, with all methods of the campaign
 */
public record CampaignJob(String benchmark, String settings, RunJob run) {

    /** The run's seed. */
    public int seed() {
        return run.configuration().settings().seed();
    }

    /** Names of the methods it compares. */
    public List<String> methods() {
        return run.configuration().settings().methods().names();
    }

    /** In a line: {@code digits, rate=0.01, seed 2}. */
    public String title() {
        return benchmark + (settings.equals(Campaign.AS_THEY_ARE) ? "" : ", " + settings) + ", seed " + seed();
    }

    /** Its place below the campaign's folders. */
    String path() {
        return path(benchmark, settings, seed());
    }

    static String path(String benchmark, String settings, int seed) {
        return benchmark + "/" + settings + "/seed-" + seed;
    }
}
