package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.cli.vault.UpdatedStudy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/vault.md says of an update, command by command: each as it stands there, and what comes out compared with what stands there. */
@Timeout(120)
final class UpdateDocumentTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("innerkeep.root"), "docs/vault.md");

    @TempDir
    private Path folder;

    @Test
    void whenTheOperatorUpdates() throws Exception {
        List<Tutorial.Step> steps = Tutorial.steps(Tutorial.section(DOCUMENT, "When the operator updates"));
        assertThat(steps).hasSize(3);
        try (UpdatedStudy study = UpdatedStudy.begin(folder)) {
            for (Tutorial.Step step : steps) {
                perform(study, step);
            }
        }
    }

    private static void perform(UpdatedStudy study, Tutorial.Step step) {
        StringBuilder all = new StringBuilder();
        int exitCode = 0;
        for (String command : step.commands().lines().filter(line -> !line.startsWith("#")).toList()) {
            List<String> words = new ArrayList<>(List.of(command.split(" +")));
            assertThat(words.removeFirst()).isEqualTo("innerkeep");
            UpdatedStudy.Came came = study.run(words);
            all.append(came.output());
            exitCode = came.exitCode();
        }
        assertThat(exitCode).as(all.toString()).isEqualTo(step.exitCode());
        assertThat(step.output()).isNotEmpty();
        int from = 0;
        for (Pattern line : step.output()) {
            Matcher found = line.matcher(all);
            assertThat(found.find(from)).as(line + " in " + all.substring(from)).isTrue();
            from = found.end();
        }
    }
}
