package dev.itprompt.report;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A page with all results of a {@link Study}; it leads to the pages of the runs, which are found from where it lies. */
final class StudyPage {

    private final Study study;
    private final Path folder;
    private final HtmlPage page = new HtmlPage();

    private StudyPage(Study study, Path folder) {
        this.study = study;
        this.folder = folder;
    }

    /**
     * The page.
     *
     * @param folder where it will lie
     */
    static String of(Study study, Path folder) {
        return new StudyPage(study, folder).build();
    }

    private String build() {
        List<Definition> shown = ReportFiles.definitions(false);
        long runs = study.parts().stream().mapToLong(part -> part.runs().runs().size()).sum();
        return page.build(study.name(), "all runs", String.format(Locale.ROOT, "%d runs; %d benchmarks and settings", runs, study.parts().size()), List.of(
                new HtmlPage.Section("summary", "Summary", this::summary),
                new HtmlPage.Section("curves", "Average accuracy over tasks", this::curves),
                new HtmlPage.Section("runs", "Runs", this::runs),
                new HtmlPage.Section("statistics", "All metrics", () -> page.scroll("", study.statistics(shown), HtmlPage::plainCell)),
                new HtmlPage.Section("tests", "Tests between methods", () -> page.scroll("", study.tests(), HtmlPage::plainCell)),
                new HtmlPage.Section("settings", "Settings", () -> page.scroll("", study.settings(), HtmlPage::plainCell)),
                new HtmlPage.Section("definitions", "Definitions", () -> page.definitions(shown))));
    }

    private void summary() {
        page.scroll("", study.summary(), HtmlPage::plainCell);
        page.note(study.spread() + "; – where a method has no such number");
        page.definitions(Definition.HEADLINE);
    }

    private void curves() {
        for (Study.Part part : study.parts()) {
            page.append("<h3>").append(Markup.isolated(part.title())).append("</h3>\n");
            page.curves(part.runs());
        }
    }

    private void runs() {
        page.append("<p>Pages of the runs: ");
        study.parts().forEach(part -> part.runs().runs().forEach(run -> page.append("<a href=\"").append(Markup.escaped(link(run))).append("\">")
                .append(Markup.isolated(part.title() + ", seed " + run.seed())).append("</a> ")));
        page.append("</p>\n");
        page.scroll("", study.runs(), HtmlPage::plainCell);
    }

    private String link(RunRecord run) {
        Path target = run.folder().toAbsolutePath().resolve(ReportFiles.Format.HTML.file());
        return folder.toAbsolutePath().relativize(target).toString().replace(File.separatorChar, '/').replace("%", "%25").replace("#", "%23")
                .replace("?", "%3F");
    }
}
