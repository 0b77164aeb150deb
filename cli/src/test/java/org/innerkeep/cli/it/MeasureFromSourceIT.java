package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.innerkeep.bundle.SigningKey;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever has the sources checks what was published. */
final class MeasureFromSourceIT {
    @TempDir
    private Path folder;

    private MavenProject project;
    private Path published;

    @BeforeEach
    void publish() throws Exception {
        project = SampleProject.write(folder.resolve("project"));
        Path key = folder.resolve("developer.pem");
        SigningKey.generate(Algorithm.P256).write(key);
        MavenProject.Outcome build = project.mvn("-Dinnerkeep.key=" + key, "package");
        assertThat(build.exitCode()).as(build.output()).isZero();
        published = Files.copy(project.folder().resolve("target/sample.enclave"), folder.resolve("sample.enclave"));
    }

    private Command.Outcome measure(String... more) throws Exception {
        return measure(Map.of("MAVEN_OPTS", "-Dmaven.repo.local=" + MavenProject.localRepository()), more);
    }

    private Command.Outcome measure(Map<String, String> environment, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "measure", "--from-source", project.folder().toString(), "--runtimes", folder.resolve("runtimes").toString()));
        arguments.addAll(Arrays.asList(more));
        return Command.run(environment, Command.java("org.innerkeep.cli.Main", arguments.toArray(String[]::new)));
    }

    private void git(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "git", "-C", project.folder().toString(), "-c", "user.name=test", "-c", "user.email=test@example.com", "-c",
                "commit.gpgsign=false"));
        command.addAll(List.of(arguments));
        Command.Outcome outcome = Command.run(Map.of(), command);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    private static boolean hasGit() {
        return Stream.of(System.getenv("PATH").split(":", -1)).anyMatch(part -> Files.isExecutable(Path.of(part, "git")));
    }

    @Test
    void theSameSourcesAreTheSameBundle() throws Exception {
        Command.Outcome outcome = measure("--bundle", published.toString());

        assertThat(outcome.output()).contains("EQUAL: ", "runs the project's own build code", "Building sample 1.0");
        assertThat(outcome.exitCode()).isZero();
        // What it measures to is what measuring the published file says.
        Command.Outcome direct = Command.run("measure", published.toString(), "--runtimes", folder.resolve("runtimes").toString());
        String measurement = direct.output().lines().filter(line -> line.startsWith("measurement ")).findFirst().orElseThrow();
        assertThat(outcome.output()).contains(measurement);
    }

    @Test
    void onlyTrackedFilesCountAndAChangedLineIsExplained() throws Exception {
        if (!hasGit()) {
            Assumptions.abort("git is not installed");
        }
        project.write(".gitignore", "target/\n");
        git("init", "-q");
        git("add", ".");
        git("commit", "-q", "-m", "first");
        project.write("src/main/resources/notes.txt", "of the developer, not tracked");
        assertThat(measure("--bundle", published.toString()).output()).contains("EQUAL: ");

        project.write(SampleProject.PROGRAM, SampleProject.program("\"Goodbye, \" + name"));
        Command.Outcome changed = measure("--bundle", published.toString());

        assertThat(changed.exitCode()).isOne();
        assertThat(changed.output())
                .contains("DIFFERENT: ", "class com.example.sample.Sample: changed")
                .doesNotContain("notes.txt", "signer: ");
    }

    @Test
    void aBuildThatFailsSaysWhyAndIsNoMatch() throws Exception {
        project.write(SampleProject.PROGRAM, "package com.example.sample;\n\nthis is no Java\n");
        Command.Outcome outcome = measure("--bundle", published.toString());
        assertThat(outcome.exitCode()).isOne();
        assertThat(outcome.output()).contains("the project's build failed", "Sample.java").doesNotContain("EQUAL");
    }

    @Test
    void withoutMavenItSaysSo() throws Exception {
        Command.Outcome outcome = measure(Map.of("PATH", folder.toString()), "--bundle", published.toString());
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.output()).contains("Maven was not found");
    }

    @Test
    void aPublishedBundleAmongTheSourcesIsNotTakenForTheBuiltOne() throws Exception {
        project.write(SampleProject.PROGRAM, SampleProject.program("\"Goodbye, \" + name"));
        Files.createDirectory(project.folder().resolve("released"));
        Files.copy(published, project.folder().resolve("released/sample.enclave"));
        Command.Outcome outcome = measure("--bundle", published.toString());
        assertThat(outcome.output()).contains("DIFFERENT: ");
        assertThat(outcome.exitCode()).isOne();
    }
}
