package org.innerkeep.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProjectTemplateTest {
    private static final Pattern PLUGIN =
            Pattern.compile("<artifactId>(maven-[a-z]+-plugin)</artifactId><version>([^<$]+)</version>");

    @TempDir
    private Path folder;

    private Path made() throws Exception {
        Path project = folder.resolve("made");
        ProjectTemplate.make(project, ProjectName.of("pay-round", Optional.of("org.acme.pay")), "1.2.3");
        return project;
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    @Test
    void everyFileOfTheTemplateIsMade() throws Exception {
        URI template = ProjectTemplate.class.getResource("template").toURI();

        assertThat(files(Path.of(template))).containsExactlyInAnyOrderElementsOf(
                ProjectTemplate.FILES.stream().map(Path::of).toList());
        assertThat(files(made())).hasSize(ProjectTemplate.FILES.size() + 1).contains(
                Path.of(".gitignore"), Path.of("developer.pem"), Path.of("api/src/main/java/org/acme/pay/Salaries.java"),
                Path.of("enclave/src/test/java/org/acme/pay/enclave/RefusalTest.java"));
    }

    @Test
    void noPlaceholderIsLeftAndNothingIsOfAnotherName() throws Exception {
        Path project = made();
        for (Path file : files(project)) {
            if (!file.endsWith("developer.pem")) {
                assertThat(Files.readString(project.resolve(file))).as(file.toString()).doesNotContainPattern("@[A-Z_]+@");
            }
        }
        assertThat(project.resolve("enclave/src/main/enclave/enclave.properties"))
                .content().contains("name = pay-round", "program = org.acme.pay.enclave.SalariesEnclave");
        assertThat(project.resolve("pom.xml")).content().contains("<innerkeep.version>1.2.3</innerkeep.version>");
    }

    @Test
    void noClassOfTheTemplateIsLong() throws Exception {
        for (Path file : files(made())) {
            if (file.toString().endsWith(".java")) {
                assertThat(Files.readAllLines(folder.resolve("made").resolve(file)).size()).as(file.toString()).isLessThanOrEqualTo(42);
            }
        }
    }

    @Test
    void theKeyIsNewSignsAndIsItsOwnersAlone() throws Exception {
        SignerKey first = ProjectTemplate.make(folder.resolve("a"), ProjectName.of("a", Optional.empty()), "1");
        SignerKey second = ProjectTemplate.make(folder.resolve("b"), ProjectName.of("b", Optional.empty()), "1");

        assertThat(first).isNotEqualTo(second);
        Path key = folder.resolve("a/developer.pem");
        assertThat(SigningKey.read(key).publicKey()).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key))).isEqualTo("rw-------");
        assertThat(folder.resolve("a/run")).isExecutable();
        assertThat(Files.readString(folder.resolve("a/.gitignore"))).contains("developer.pem", "target/");
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        ProjectName name = ProjectName.of("a", Optional.empty());
        Path full = Files.createDirectories(folder.resolve("full"));
        Path there = Files.writeString(full.resolve("developer.pem"), "a key");
        Path file = Files.writeString(folder.resolve("file"), "a file");
        Path nowhere = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));

        assertThatThrownBy(() -> ProjectTemplate.make(full, name, "1"))
                .isInstanceOf(IOException.class).hasMessageContaining("not empty", "--folder");
        assertThatThrownBy(() -> ProjectTemplate.make(file, name, "1"))
                .isInstanceOf(IOException.class).hasMessageContaining("no folder");
        assertThatThrownBy(() -> ProjectTemplate.make(nowhere, name, "1")).isInstanceOf(IOException.class);
        assertThat(there).hasContent("a key");
        assertThat(files(full)).hasSize(1);
        assertThat(file).hasContent("a file");
    }

    @Test
    void anEmptyFolderIsFilled() throws Exception {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        ProjectTemplate.make(empty, ProjectName.of("a", Optional.empty()), "1");
        assertThat(empty.resolve("pom.xml")).exists();
    }

    @Test
    void itsBuildUsesThePluginsThatThisOneDoes() throws Exception {
        Map<String, String> own = new TreeMap<>();
        for (String pom : List.of("pom.xml", "cli/pom.xml")) {
            plugins(Files.readString(Path.of(System.getProperty("innerkeep.root"), pom))).forEach(own::put);
        }
        Path project = made();
        for (String pom : List.of("pom.xml", "enclave/pom.xml", "app/pom.xml")) {
            assertThat(own).containsAllEntriesOf(plugins(Files.readString(project.resolve(pom))));
        }
        String root = Files.readString(Path.of(System.getProperty("innerkeep.root"), "pom.xml"));
        for (String library : List.of("junit", "assertj")) {
            String version = root.replaceAll("(?s).*<" + library + "\\.version>([^<]+)<.*", "$1");
            assertThat(Files.readString(project.resolve("enclave/pom.xml"))).contains("<version>" + version + "</version>");
        }
    }

    private static Map<String, String> plugins(String pom) {
        Map<String, String> plugins = new TreeMap<>();
        Matcher plugin = PLUGIN.matcher(pom);
        while (plugin.find()) {
            plugins.put(plugin.group(1), plugin.group(2));
        }
        return plugins;
    }
}
