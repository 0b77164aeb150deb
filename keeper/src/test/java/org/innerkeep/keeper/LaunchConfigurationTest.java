package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchConfigurationTest {
    private static Manifest manifest(boolean debug, long heap) {
        return new Manifest(
                "fraud", 7, 3, "com.acme.Program", heap, 8, debug, true, List.of(), 25, List.of("java.base"), List.of(),
                List.of(file("lib/a.jar"), file("lib/b.jar"), file("native/linux-x86_64/libx.so")));
    }

    private static BundleFile file(String path) {
        return new BundleFile(path, 1, Digest.sha256(path.getBytes(StandardCharsets.UTF_8)));
    }

    private static final Manifest GOOD = manifest(false, 64 << 20);

    private static List<String> arguments(Manifest manifest) {
        return LaunchConfiguration.of(manifest).arguments();
    }

    @Test
    void dependsOnTheManifestAlone() {
        assertThat(arguments(manifest(false, 64 << 20))).isEqualTo(arguments(GOOD));
        assertThat(arguments(GOOD))
                .as("nothing of this machine or user")
                .noneMatch(argument -> argument.contains(System.getProperty("user.dir"))
                        || argument.contains(System.getProperty("java.home"))
                        || argument.contains(System.getProperty("java.io.tmpdir") + "/"));
    }

    @Test
    void namesFilesRelativeToTheWorkingDirectory() {
        List<String> arguments = arguments(GOOD);

        assertThat(arguments.get(arguments.indexOf("-cp") + 1)).isEqualTo("lib/a.jar:lib/b.jar");
        assertThat(arguments).filteredOn(argument -> argument.contains("/"))
                .containsExactlyInAnyOrder("lib/a.jar:lib/b.jar", "-XX:ErrorFile=/dev/null", "-XX:AllocateHeapAt=/dev/null/heap");
    }

    /** A folder that could be made somewhere would let a JVM without its keeper's answer put its heap into a file there. */
    @Test
    void theHeapIsToLieWhereNoFileCanBe() throws Exception {
        Path folder = Path.of(HeapMaker.FOLDER);
        Path device = Path.of("/dev/null");

        assertThat(folder).startsWithRaw(device);
        assertThat(Files.isRegularFile(device) || Files.isDirectory(device)).isFalse();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Files.createDirectory(folder));
    }

    @Test
    void aHeapOfOrdinaryMemoryIsAnotherConfiguration() {
        Manifest ordinary = new Manifest(
                "fraud", 7, 3, "com.acme.Program", 64 << 20, 8, false, false, List.of(), 25, List.of("java.base"), List.of(),
                List.of(file("lib/a.jar"), file("lib/b.jar"), file("native/linux-x86_64/libx.so")));

        assertThat(arguments(ordinary)).noneMatch(argument -> argument.contains("AllocateHeapAt"));
        assertThat(LaunchConfiguration.of(ordinary).digest()).isNotEqualTo(LaunchConfiguration.of(GOOD).digest());
    }

    @Test
    void startsTheRuntimeAndNotTheProgram() {
        assertThat(arguments(GOOD).getLast()).isEqualTo("org.innerkeep.enclave.internal.EnclaveMain");
        assertThat(arguments(GOOD)).doesNotContain("com.acme.Program");
    }

    /** Each argument that protects, and what would happen without it. */
    @ParameterizedTest
    @CsvSource({
        "-XX:-HeapDumpOnOutOfMemoryError, a full heap would be written to a file",
        "-XX:+ExitOnOutOfMemoryError, the enclave would go on in a state that nobody thought of",
        "-XX:-UsePerfData, counters would be readable in a file that other processes map",
        "-XX:-CreateCoredumpOnCrash, a crash would write the memory to a file",
        "-XX:ErrorFile=/dev/null, a crash would write registers and stacks to a file",
        "-XX:+DisableAttachMechanism, a process of the same user could load an agent",
        "-XX:+SuppressFatalErrorMessage, a crash would print registers and stacks",
        "-Xrs, a signal could make the JVM print its threads",
        "-Xshare:off, an archive that is not measured could hold classes",
        "-Djava.io.tmpdir=io, temporary files would lie where others can read them",
        "-Djdk.tls.server.newSessionTicketCount=0, a session could be resumed without fresh evidence"
    })
    void eachArgumentThatProtectsIsThere(String argument, String without) {
        assertThat(arguments(GOOD)).as("otherwise %s", without).contains(argument);
    }

    @Test
    void nothingListensForDebuggersOrAgents() {
        assertThat(arguments(GOOD))
                .noneMatch(argument -> argument.startsWith("-agentlib")
                        || argument.startsWith("-agentpath")
                        || argument.startsWith("-javaagent")
                        || argument.contains("jdwp")
                        || argument.contains("jmxremote")
                        || argument.startsWith("@")
                        || argument.contains("Diagnostic"));
    }

    @Test
    void debugDiffersByWhatItLeavesOpenAndByItsDigest() {
        Manifest debug = manifest(true, 64 << 20);

        assertThat(arguments(GOOD))
                .containsAll(arguments(debug))
                .contains("-XX:+DisableAttachMechanism", "-XX:+SuppressFatalErrorMessage");
        assertThat(arguments(debug)).doesNotContain("-XX:+DisableAttachMechanism", "-XX:+SuppressFatalErrorMessage");
        assertThat(LaunchConfiguration.of(debug).digest())
                .isNotEqualTo(LaunchConfiguration.of(GOOD).digest());
    }

    @Test
    void heapIsFixedAndMeasured() {
        assertThat(arguments(GOOD)).startsWith("-Xms67108864", "-Xmx67108864");
        assertThat(LaunchConfiguration.of(manifest(false, 65 << 20)).digest())
                .isNotEqualTo(LaunchConfiguration.of(GOOD).digest());
    }

    /** Relying parties compute it as well: a change here changes every measurement and belongs in the changelog. */
    @Test
    void digestIsStable() {
        assertThat(LaunchConfiguration.of(GOOD).digest().hex()).isEqualTo("76031ae0fb72224087c259d7fb638fe923802e9e637fa92e2c691956d076e74a");
    }

    @Test
    void digestTellsArgumentsApartWhereTheyAreJoinedDifferently() {
        Bytes one = new LaunchConfiguration(List.of("-a", "-b")).digest();

        assertThat(new LaunchConfiguration(List.of("-a-b")).digest()).isNotEqualTo(one);
        assertThat(new LaunchConfiguration(List.of("-b", "-a")).digest()).isNotEqualTo(one);
        assertThat(new LaunchConfiguration(List.of("-a", "-b", "")).digest()).isNotEqualTo(one);
    }
}
