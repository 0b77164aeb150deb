package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.cli.leakcheck.LeakReport.Verdict;
import org.innerkeep.cli.text.JsonText;
import org.junit.jupiter.api.Test;

class LeakReportTest {
    private static final Set<String> OWNERS = Set.of("clinic", "key");

    private static ScanReport scan(long unread, String... owners) {
        Map<Form, Long> found = owners.length == 0 ? Map.of() : Map.of(Form.TEXT_ROW, (long) owners.length);
        return new ScanReport(
                Map.of(Form.TEXT_ROW, 2), Map.of(),
                List.of(new ScanReport.PlaceReport(
                        "memory", 100, 5, found, Set.of(owners), List.of(), List.of(), unread, List.of())),
                Duration.ofMillis(10));
    }

    private static LeakReport report(ScanReport control, ScanReport run) {
        return new LeakReport(OWNERS, true, true, control, run);
    }

    @Test
    void nothingFoundCountsWhereTheControlShowsEverySecretAndAllWasRead() {
        LeakReport report = report(scan(3, "clinic", "key"), scan(0));

        assertThat(report.verdict()).isEqualTo(Verdict.NOTHING_FOUND);
        assertThat(report.render()).contains("The same search found every secret in the control run", "closed by the kernel");
        assertThat(JsonText.of(report.json())).contains("\"verdict\": \"NOTHING_FOUND\"", "\"closedBytes\": 5");
    }

    @Test
    void whatTheControlDoesNotShowProvesNothing() {
        LeakReport report = report(scan(0, "key"), scan(0));

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_PROVEN);
        assertThat(report.render()).contains("the control run shows nothing of clinic");
    }

    @Test
    void whatWasNotReadProvesNothing() {
        LeakReport report = report(scan(0, "clinic", "key"), scan(2));

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_PROVEN);
        assertThat(report.unproven()).containsExactly("2 parts were not read");
    }

    @Test
    void whatWasFoundCountsWhateverTheControlShows() {
        assertThat(report(scan(0), scan(2, "clinic")).verdict()).isEqualTo(Verdict.FOUND);
        assertThat(report(scan(0), scan(2, "clinic")).render()).contains("FOUND:", "1 times, of clinic.");
    }

    @Test
    void needlesKnowWhoseTheyAre() {
        Needles needles = Secrets.needles();

        assertThat(needles.owners()).contains("KEY_RAW", "TEXT_ROW").noneMatch(owner -> owner.contains(" row "));
    }
}
