package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.innerkeep.bundle.SigningKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Maven plugin, run by the machine's Maven on small projects. */
final class PackGoalIT {
    private static final String LIBRARY =
            "<dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.20.0</version></dependency>\n";
    private static final String BUNDLE = "target/sample.enclave";

    @TempDir
    private Path folder;

    private static Bundle inspect(Path bundle) throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            return Bundle.inspect(in);
        }
    }

    private static String sbom(Path bundle) throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            return new String(Bundle.sbom(in).orElseThrow(), StandardCharsets.UTF_8);
        }
    }

    private static SigningKey key(Path project) throws Exception {
        SigningKey key = SigningKey.generate(Algorithm.P256);
        key.write(project.resolve("developer.pem"));
        return key;
    }

    @Test
    void aBuildMakesASignedBundleAndSaysItsDigest() throws Exception {
        MavenProject project = SampleProject.write(folder);
        SigningKey key = key(folder);

        MavenProject.Outcome build = project.mvn("package");

        assertThat(build.exitCode()).as(build.output()).isZero();
        Bundle bundle = inspect(folder.resolve(BUNDLE));
        assertThat(bundle.signer()).isEqualTo(key.publicKey());
        assertThat(bundle.manifest().files().stream().map(BundleFile::path))
                .containsExactly(
                        "lib/innerkeep-channel-0.1.0.jar", "lib/innerkeep-enclave-0.1.0.jar", "lib/innerkeep-evidence-0.1.0.jar",
                        "lib/sample-1.0.jar", "meta/sbom.cdx.json");
        assertThat(bundle.manifest().javaModules()).containsExactly("java.base");
        assertThat(folder.resolve("target/sample.enclave.sha256"))
                .hasContent("digest " + bundle.digest() + "\nsigner " + key.publicKey().id() + "\n");
        assertThat(build.output()).contains("digest " + bundle.digest(), "signer " + key.publicKey().id(), "modules java.base");
    }

    @Test
    void theBillOfMaterialsNamesWhatIsInTheBundle() throws Exception {
        MavenProject project = SampleProject.write(folder).write(SampleProject.POM, SampleProject.pom(SampleProject.SDK + LIBRARY));
        key(folder);
        MavenProject.Outcome build = project.mvn("package");
        assertThat(build.exitCode()).as(build.output()).isZero();

        String sbom = sbom(folder.resolve(BUNDLE));
        Bundle bundle = inspect(folder.resolve(BUNDLE));
        assertThat(sbom)
                .contains(
                        "pkg:maven/com.example/sample@1.0?type=jar", "pkg:maven/org.apache.commons/commons-lang3@3.20.0?type=jar",
                        "pkg:maven/org.innerkeep/innerkeep-evidence@0.1.0?type=jar", "\"Apache-2.0\"")
                .doesNotContain("timestamp", "serialNumber", folder.toString());
        for (BundleFile file : bundle.manifest().files()) {
            if (file.isJar()) {
                assertThat(sbom).as(file.path()).contains(file.digest().toString());
            }
        }
        // The module graph of a library that uses more of the JDK than the program says.
        assertThat(bundle.manifest().javaModules()).contains("java.base", "java.desktop");
        assertThat(Command.run("inspect", "--sbom", folder.resolve(BUNDLE).toString()).output().strip()).isEqualTo(sbom.strip());
    }

    @Test
    void modulesThatThePropertiesNameAreTaken() throws Exception {
        MavenProject project = SampleProject.write(folder)
                .write(SampleProject.SETTINGS, SampleProject.PROPERTIES + "modules = java.base, java.logging\n");
        key(folder);
        MavenProject.Outcome build = project.mvn("package");
        assertThat(build.exitCode()).as(build.output()).isZero();
        assertThat(build.output()).doesNotContain("computed");
        assertThat(inspect(folder.resolve(BUNDLE)).manifest().javaModules()).containsExactly("java.base", "java.logging");
    }

    @Test
    void unsignedItNeedsNoKeyAndHasTheSameDigest() throws Exception {
        MavenProject project = SampleProject.write(folder);
        MavenProject.Outcome build = project.mvn("-Dinnerkeep.unsigned", "package");
        assertThat(build.exitCode()).as(build.output()).isZero();
        assertThat(Command.run("inspect", folder.resolve(BUNDLE).toString()).output()).contains("is not signed");

        key(folder);
        String digest = Files.readAllLines(folder.resolve("target/sample.enclave.sha256")).getFirst();
        assertThat(Command.run("sign", folder.resolve(BUNDLE).toString(), "--key", folder.resolve("developer.pem").toString()).exitCode())
                .isZero();
        assertThat("digest " + inspect(folder.resolve(BUNDLE)).digest()).isEqualTo(digest);
    }

    @Test
    void twoBuildsInDifferentSurroundingsGiveTheSameBundle() throws Exception {
        Path here = folder.resolve("here");
        Path there = folder.resolve("a/longer/path to/there");
        for (Path place : List.of(here, there)) {
            SampleProject.write(place).write(SampleProject.POM, SampleProject.pom(SampleProject.SDK + LIBRARY));
        }
        try (Stream<Path> files = Files.walk(there)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
            }
        }

        MavenProject.Outcome one = MavenProject.in(here).mvn("-Dinnerkeep.unsigned", "package");
        MavenProject.Outcome other = MavenProject.in(there)
                .mvn(
                        "077",
                        Map.of("TZ", "Pacific/Kiritimati", "LC_ALL", "C", "MAVEN_OPTS", "-Duser.language=tr -Duser.country=TR"),
                        "-Dinnerkeep.unsigned",
                        "package");

        assertThat(one.exitCode()).as(one.output()).isZero();
        assertThat(other.exitCode()).as(other.output()).isZero();
        assertThat(there.resolve(BUNDLE)).hasSameBinaryContentAs(here.resolve(BUNDLE));
    }

    @Test
    void aChangedLineGivesAnotherBundleAndTheDifferenceIsExplained() throws Exception {
        MavenProject project = SampleProject.write(folder);
        assertThat(project.mvn("-Dinnerkeep.unsigned", "package").exitCode()).isZero();
        Path first = Files.copy(folder.resolve(BUNDLE), folder.resolve("first.enclave"));
        project.write(SampleProject.PROGRAM, SampleProject.program("\"Goodbye, \" + name"));
        assertThat(project.mvn("-Dinnerkeep.unsigned", "package").exitCode()).isZero();

        Command.Outcome diff = Command.run("diff", first.toString(), folder.resolve(BUNDLE).toString());
        assertThat(diff.exitCode()).isOne();
        assertThat(diff.output())
                .contains("lib/sample-1.0.jar: changed", "class com.example.sample.Sample: changed", "meta/sbom.cdx.json: changed")
                .doesNotContain("class com.example.sample.Greeting");
    }

    /** One message, and nothing of the plugin's inside. */
    private static void fails(MavenProject project, String... message) throws Exception {
        MavenProject.Outcome build = project.mvn("package");
        assertThat(build.exitCode()).as(build.output()).isOne();
        assertThat(build.output())
                .contains("innerkeep-maven-plugin:0.1.0:pack")
                .contains(message)
                .doesNotContain("\tat ", "MojoExecutionException");
        assertThat(project.folder().resolve(BUNDLE)).doesNotExist();
    }

    @Test
    void withoutAKeyItSaysHowToMakeOne() throws Exception {
        fails(SampleProject.write(folder), folder.resolve("developer.pem") + " does not exist", "innerkeep keygen --signing");
    }

    @Test
    void withoutTheRuntimeAmongTheDependenciesItSaysWhatToAdd() throws Exception {
        key(folder);
        fails(
                SampleProject.write(folder)
                        .write(SampleProject.POM, SampleProject.pom(""))
                        .write(SampleProject.PROGRAM, "package com.example.sample;\n\npublic final class Sample {}\n"),
                "org.innerkeep:innerkeep-enclave is not among the project's runtime dependencies", "0.1.0");
    }

    @Test
    void anInterfaceThatCannotBeCarriedIsNamedWithThePlace() throws Exception {
        key(folder);
        fails(
                SampleProject.write(folder)
                        .write(
                                SampleProject.INTERFACE,
                                "package com.example.sample;\n\npublic interface Greeting {\n    Object greet(String name);\n}\n"),
                "interface com.example.sample.Greeting cannot be carried: Greeting.greet", "java.lang.Object");
    }

    @Test
    void nativeCodeThatNobodyDeclaredIsNamed() throws Exception {
        key(folder);
        fails(SampleProject.write(folder).write("src/main/resources/native/libfast.so", "code"), "native/libfast.so", "declare", "drop");
    }

    @Test
    void aHostInterfaceDoesNotCarryWhatIsConfidential() throws Exception {
        key(folder);
        String store =
                """
                package com.example.sample;

                %s
                public interface Store {
                    void put(Patient patient);

                    @org.innerkeep.channel.call.Confidential
                    record Patient(String name) {}
                }
                """;
        MavenProject project = SampleProject.write(folder)
                .write(SampleProject.SETTINGS, SampleProject.PROPERTIES + "host-interfaces = com.example.sample.Store\n");
        String file = "src/main/java/com/example/sample/Store.java";

        fails(project.write(file, store.formatted("@org.innerkeep.channel.call.HostVisible")), "Store", "Patient", "@Confidential");
        // Nor is the check avoided by leaving the mark out.
        fails(project.write(file, store.formatted("")), "com.example.sample.Store is not marked @HostVisible");
    }

    @Test
    void aProgramThatIsNoneIsNamed() throws Exception {
        key(folder);
        MavenProject project = SampleProject.write(folder);
        fails(
                project.write(SampleProject.SETTINGS, SampleProject.PROPERTIES.replace("sample.Sample", "sample.Absent")),
                "program com.example.sample.Absent is in none of the jars");
        fails(
                project.write(SampleProject.SETTINGS, SampleProject.PROPERTIES)
                        .write(SampleProject.PROGRAM, "package com.example.sample;\n\npublic final class Sample {}\n"),
                "program com.example.sample.Sample does not implement org.innerkeep.enclave.EnclaveProgram");
    }

    @Test
    void withoutAJdk25ItSaysWhereItLooked() throws Exception {
        key(folder);
        MavenProject project = SampleProject.write(folder);
        MavenProject.Outcome build = project.mvn("-Dinnerkeep.jdkHome=" + folder, "package");
        assertThat(build.exitCode()).isOne();
        assertThat(build.output()).contains("jdkHome: expected a JDK 25").doesNotContain("\tat ");
    }
}
