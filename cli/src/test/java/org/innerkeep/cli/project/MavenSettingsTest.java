package org.innerkeep.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven's rules for where its local repository is, the strongest first. */
final class MavenSettingsTest {
    @TempDir
    private Path home;

    private MavenSettings settings(Map<String, String> environment) {
        return new MavenSettings(home, environment);
    }

    private void userSettings(String localRepository) throws IOException {
        write(home.resolve(".m2/settings.xml"), localRepository);
    }

    private static void write(Path file, String localRepository) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "<settings xmlns=\"http://maven.apache.org/SETTINGS/1.2.0\">\n  <!-- <localRepository>/no</localRepository> -->\n"
                + "  <profiles><profile><localRepository>/no</localRepository></profile></profiles>\n" + localRepository + "\n</settings>\n");
    }

    /** An installation of Maven whose program the path finds through a link. */
    private String installation() throws IOException {
        Path program = home.resolve("maven/bin/mvn");
        Files.createDirectories(program.getParent());
        Files.createFile(program, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.createDirectories(home.resolve("bin"));
        Files.createSymbolicLink(home.resolve("bin/mvn"), program);
        return home.resolve("empty") + "::" + home.resolve("bin");
    }

    @Test
    void withoutAnySettingsItIsInTheUsersHome() throws IOException {
        assertThat(settings(Map.of()).localRepository()).isEqualTo(home.resolve(".m2/repository"));
    }

    @Test
    void settingsThatNameNoneChangeNothing() throws IOException {
        userSettings("<offline>false</offline><localRepository> </localRepository>");
        assertThat(settings(Map.of()).localRepository()).isEqualTo(home.resolve(".m2/repository"));
    }

    @Test
    void theInstallationsSettingsCountWhereTheUsersNameNone() throws IOException {
        String path = installation();
        write(home.resolve("maven/conf/settings.xml"), "<localRepository>/srv/maven</localRepository>");

        assertThat(settings(Map.of("PATH", path)).localRepository()).isEqualTo(Path.of("/srv/maven"));
        userSettings("<localRepository>/users</localRepository>");
        assertThat(settings(Map.of("PATH", path)).localRepository()).isEqualTo(Path.of("/users"));
    }

    @Test
    void variablesOfTheEnvironmentComeFirst() throws IOException {
        userSettings("<localRepository>/users</localRepository>");
        assertThat(settings(Map.of("MAVEN_OPTS", "-Xmx1g -Dmaven.repo.local=/opts")).localRepository()).isEqualTo(Path.of("/opts"));
        assertThat(settings(Map.of("MAVEN_OPTS", "-Dmaven.repo.local=/opts", "MAVEN_ARGS", "-Dmaven.repo.local=/args -B"))
                        .localRepository())
                .isEqualTo(Path.of("/args"));
        assertThat(settings(Map.of("MAVEN_OPTS", "-Dnot.maven.repo.local=/no")).localRepository()).isEqualTo(Path.of("/users"));
    }

    @Test
    void placeholdersThatCanBeKnownAreFilledIn() throws IOException {
        userSettings("<localRepository>${user.home}/${env.PLACE}/m2</localRepository>");
        assertThat(settings(Map.of("PLACE", "a$1b")).localRepository()).isEqualTo(home.resolve("a$1b/m2"));
        assertThatThrownBy(() -> settings(Map.of()).localRepository())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("${env.PLACE}", "--maven-repository");
    }

    @Test
    void settingsThatAreNoneAreRefusedByName() throws IOException {
        userSettings("<localRepository>");
        assertThatThrownBy(() -> settings(Map.of()).localRepository())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(home.resolve(".m2/settings.xml").toString());
    }

    @Test
    void settingsCannotReadOtherFiles() throws IOException {
        Path secret = Files.writeString(home.resolve("secret"), "/stolen");
        Files.createDirectories(home.resolve(".m2"));
        Files.writeString(
                home.resolve(".m2/settings.xml"),
                "<!DOCTYPE s [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]><settings><localRepository>&x;</localRepository></settings>");
        assertThatThrownBy(() -> settings(Map.of()).localRepository()).isInstanceOf(IOException.class).hasMessageContaining("DOCTYPE");
    }
}
