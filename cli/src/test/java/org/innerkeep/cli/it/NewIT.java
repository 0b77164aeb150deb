package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code innerkeep new} makes, under names other than the tutorial's. */
final class NewIT {
    private static final String PROGRAM = "enclave/src/main/java/org/acme/pay/enclave/SalariesEnclave.java";

    @TempDir
    private Path folder;

    private Command.Outcome make() throws Exception {
        return Command.run(
                "new", "pay-round", "--package", "org.acme.pay", "--folder", folder.resolve("made").toString(),
                "--maven-repository", folder.resolve("m2").toString());
    }

    private static Bundle bundle(Path project) throws Exception {
        try (InputStream in = Files.newInputStream(project.resolve("enclave/target/pay-round.enclave"))) {
            return Bundle.inspect(in);
        }
    }

    @Test
    void aProjectBuildsPassesAndIsGuardedByItsTests() throws Exception {
        Command.Outcome made = make();
        assertThat(made.exitCode()).as(made.output()).isZero();
        MavenProject project = MavenProject.in(folder.resolve("made"));
        // As git would: without what .gitignore names.
        MavenProject copy = MavenProject.in(folder.resolve("else/where/copy"));
        copy(project.folder(), copy.folder());

        MavenProject.Outcome build = project.mvn("verify");

        assertThat(build.exitCode()).as(build.output()).isZero();
        assertThat(build.output()).contains("Tests run: 7, Failures: 0", "Tests run: 4, Failures: 0").doesNotContain("Skipped: 1");
        Bundle bundle = bundle(project.folder());
        assertThat(bundle.manifest().program()).isEqualTo("org.acme.pay.enclave.SalariesEnclave");
        assertThat(made.output()).contains("signer    " + bundle.signer().id());

        // A colleague with another key, whose Maven runs on another Java, gets the same bundle digest.
        Command.run("keygen", "--signing", copy.folder().resolve("developer.pem").toString());
        MavenProject.Outcome other =
                copy.mvn(Map.of("JAVA_HOME", System.getProperty("java.home")), "package", "-DskipTests");
        assertThat(other.exitCode()).as(other.output()).isZero();
        assertThat(bundle(copy.folder()).digest()).isEqualTo(bundle.digest());
        assertThat(bundle(copy.folder()).signer()).isNotEqualTo(bundle.signer());

        String program = Files.readString(project.folder().resolve(PROGRAM));
        project.write(PROGRAM, program.replace("LEAST = 5", "LEAST = 1"));
        MavenProject.Outcome lowered = project.mvn("test");
        assertThat(lowered.exitCode()).isNotZero();
        assertThat(lowered.output()).contains("aMedianIsNeverOfFewerThanThree", "BUILD FAILURE");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).filter(each -> !each.endsWith("developer.pem")).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    @Test
    void librariesAreCopiedOnceAndAProjectIsNeverOverwritten() throws Exception {
        Command.Outcome first = make();
        assertThat(first.output()).containsPattern("libraries \\d+ files copied to " + folder.resolve("m2"));
        Path library = folder.resolve("m2/org/innerkeep/innerkeep-testing/0.1.0/innerkeep-testing-0.1.0.jar");
        assertThat(library).isRegularFile();
        String key = Files.readString(folder.resolve("made/developer.pem"));

        Command.Outcome second = make();
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output()).contains("not empty", "--folder");
        assertThat(folder.resolve("made/developer.pem")).hasContent(key);

        Files.writeString(library, "an older build");
        Command.Outcome another = Command.run(
                "new", "another", "--folder", folder.resolve("another").toString(), "--maven-repository", folder.resolve("m2").toString());
        assertThat(another.output()).contains("libraries 1 files copied to ");
        assertThat(Files.size(library)).isGreaterThan(10_000);

        for (List<String> wrong : List.of(List.of("new", "Another"), List.of("new", "new"), List.of("new", "a", "--package", "java.a"))) {
            Command.Outcome refused = Command.run(wrong.toArray(String[]::new));
            assertThat(refused.exitCode()).as(refused.output()).isEqualTo(2);
        }
    }
}
