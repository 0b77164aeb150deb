package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.Packer;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.RuntimeService;
import org.innerkeep.channel.keeper.StartRefusedException;
import org.innerkeep.channel.keeper.StartRefusedException.Code;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Real enclaves, with a text on their heaps that is looked for from outside. */
@Timeout(60)
class SecretHeapTest {
    private static final long HEAP_BYTES = 32L << 20;

    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    private static Abilities abilities;

    @TempDir
    private Path temp;

    private Path folder;
    private Users users;
    private KeeperSettings settings;
    private PlatformKeys keys;

    @BeforeAll
    static void find() throws IOException {
        abilities = Abilities.find();
    }

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(abilities.noHeapFilter().isEmpty(), () -> abilities.noHeapFilter().orElseThrow());
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        folder = temp.resolve("run");
        settings = new KeeperSettings(temp, Set.of(), 0x7000_2000, 4, 1 << 30, Duration.ofSeconds(20), 1L << 40);
        users = new Users(UserIds.open(temp.resolve("next-user-id"), settings.firstEnclaveUid(), new SecureRandom()));
        keys = PlatformKeys.open(Files.createDirectory(temp.resolve("keys")), new SecureRandom());
    }

    private static void assumeSecret() {
        assumeTrue(abilities.noSecretHeap(HEAP_BYTES).isEmpty(), () -> abilities.noSecretHeap(HEAP_BYTES).orElseThrow());
    }

    /** As on a machine whose kernel has no secret memory. */
    private static Abilities withoutSecretMemory() {
        return new Abilities(
                abilities.kernel(), abilities.spawning(), Optional.empty(), abilities.noHeapFilter(), Optional.of("this kernel has none"), Optional.empty(), abilities.noOwnNetwork(),
                abilities.locked());
    }

    private EnclaveProcess start(byte[] packed, Abilities machine) throws Exception {
        Trees.delete(folder);
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Bundle bundle = Bundle.unpack(new ByteArrayInputStream(packed), folder, 1 << 30);
        return EnclaveProcess.start(
                folder, bundle, new byte[16], new HostUser(Files.getOwner(folder), "host", false), machine, new Runtimes(RUNTIMES.folder()), users, keys,
                Registers.open(temp.resolve("registers")), settings,
                new SecureRandom(), Clock.systemUTC());
    }

    private byte[] canaries(UnaryOperator<Packer.Builder> choices) throws Exception {
        return Bundles.real(temp, Bundles.Canaries.class.getName(), choices);
    }

    private static Confinement reported(EnclaveProcess enclave) throws Exception {
        return KeeperReport.parse(enclave.report(new byte[64])).report().confinement();
    }

    /** Starts the program, and waits until it has its text on the heap. */
    private static void startProgram(EnclaveProcess enclave) throws IOException {
        StartedEnclave started = enclave.started(List.of());
        SocketChannel channel = Boundary.connect(
                UnixDomainSocketAddress.of(started.boundary()), Boundary.Kind.CALLS, started.token());
        RuntimeService runtime = CallPeer.over(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .start()
                .bind(RuntimeService.class, Duration.ofSeconds(30));
        assertThat(runtime.awaitStart()).isEmpty();
    }

    @Test
    void whatReadsMemoryFindsNothingOfASecretHeapAndAllOfAnOrdinaryOne() throws Exception {
        assumeSecret();
        byte[] packed = canaries(UnaryOperator.identity());
        try (EnclaveProcess ordinary = start(packed, withoutSecretMemory())) {
            startProgram(ordinary);
            MemoryReader.Found found = MemoryReader.search(ordinary.pid(), Bundles.Canaries.canary());

            assertThat(found.hits()).as("the control: the same reader, the same enclave").isGreaterThanOrEqualTo(400);
            assertThat(reported(ordinary).has(Mechanism.SECRET_HEAP)).isFalse();
        }
        try (EnclaveProcess secret = start(packed, abilities)) {
            startProgram(secret);
            MemoryReader.Found found = MemoryReader.search(secret.pid(), Bundles.Canaries.canary());

            assertThat(found.hits()).isZero();
            // The reader is also refused what the JVM unmaps between listing and reading, and a page or two of the kernel's.
            assertThat(found.refusedBytes()).as("the heap, and little else").isBetween(HEAP_BYTES, HEAP_BYTES + (8 << 20));
            assertThat(found.readBytes()).as("the reader did read").isGreaterThan(4 << 20);
            assertThat(reported(secret).has(Mechanism.SECRET_HEAP)).isTrue();
            assertThat(secret.launch().confinement()).isEqualTo(reported(secret).bits());
        }
    }

    /** Whoever gets a descriptor maps the same memory and reads it (pidfd_getfd(2)). */
    @Test
    void nobodyKeepsADescriptorOfTheHeapOrAnEndOfTheFilter() throws Exception {
        assumeSecret();
        try (EnclaveProcess enclave = start(canaries(UnaryOperator.identity()), abilities)) {
            for (HeapMemory memory : HeapMemory.values()) {
                assertThat(memory.hasDescriptor(enclave.pid())).as("%s, enclave", memory).isFalse();
                assertThat(memory.hasDescriptor(ProcessHandle.current().pid())).as("%s, keeper", memory).isFalse();
            }
            try (var own = Files.list(Path.of("/proc/self/fd"))) {
                assertThat(own.map(SecretHeapTest::target)).noneMatch(each -> each.contains("seccomp"));
            }
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void aBundleThatChoseOrdinaryMemoryRunsAndClaimsNothing() throws Exception {
        try (EnclaveProcess enclave = start(canaries(choices -> choices.secretHeap(false)), abilities)) {
            startProgram(enclave);
            assertThat(reported(enclave).has(Mechanism.SECRET_HEAP)).isFalse();
        }
    }

    @Test
    void aBundleThatDemandsASecretHeapHasItOrIsNotStarted() throws Exception {
        byte[] packed = canaries(choices -> choices.demands("secret-heap"));
        refuses(Code.CONFINEMENT_UNAVAILABLE, packed, withoutSecretMemory(), "this kernel has none");

        assumeSecret();
        try (EnclaveProcess enclave = start(packed, abilities)) {
            assertThat(reported(enclave).has(Mechanism.SECRET_HEAP)).isTrue();
        }
    }

    @Test
    void whereTheLimitOfLockedMemoryIsTooLowTheHeapIsOrdinaryAndADemandIsRefusedWithTheWayOut() throws Exception {
        Abilities low = new Abilities(
                abilities.kernel(), abilities.spawning(), Optional.empty(),
                abilities.noHeapFilter(),
                Optional.empty(),
                Optional.empty(),
                abilities.noOwnNetwork(),
                new LockedMemory(8 << 20, new Capabilities(0), false));

        refuses(Code.CONFINEMENT_UNAVAILABLE, canaries(choices -> choices.demands("secret-heap")), low, "LimitMEMLOCK=");
        try (EnclaveProcess enclave = start(canaries(UnaryOperator.identity()), low)) {
            assertThat(reported(enclave).has(Mechanism.SECRET_HEAP)).isFalse();
        }
    }

    @Test
    void whereTheKeeperCannotGiveHeapsABundleIsRefusedUnlessItChoseOrdinaryMemory() throws Exception {
        Abilities none = new Abilities(
                abilities.kernel(), abilities.spawning(), Optional.empty(),
                Optional.of("a container answers system calls already"),
                Optional.empty(),
                Optional.empty(),
                abilities.noOwnNetwork(),
                abilities.locked());

        refuses(Code.CONFINEMENT_UNAVAILABLE, canaries(UnaryOperator.identity()), none, "secret-heap = false");
        try (EnclaveProcess enclave = start(canaries(choices -> choices.secretHeap(false)), none)) {
            assertThat(reported(enclave).has(Mechanism.SECRET_HEAP)).isFalse();
        }
    }

    private void refuses(Code code, byte[] packed, Abilities machine, String message) {
        assertThatExceptionOfType(StartRefusedException.class)
                .isThrownBy(() -> start(packed, machine))
                .satisfies(e -> assertThat(e.detail().code()).isEqualTo(code))
                .withMessageContaining(message);
    }

    private static ProcessBuilder java(String... more) {
        ProcessBuilder java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC");
        java.command().add("-XX:AllocateHeapAt=" + HeapMaker.FOLDER);
        java.command().addAll(List.of(more));
        java.command().add("-version");
        return java.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    @Test
    void withoutItsKeeperAJvmHasNoHeapAndEnds() throws Exception {
        assertThat(exitCode(java("-Xms32m", "-Xmx32m").start())).isEqualTo(1);
    }

    @Test
    void whereTheAnsweringThreadFailsTheJvmHasNoHeapAndEnds() throws Exception {
        Kernel kernel = abilities.kernel().orElseThrow();
        List<HeapMaker.Source> failures = List.of(
                any -> {
                    throw new IOException("no memory is left");
                },
                any -> {
                    throw new AssertionError("the thread dies");
                });
        for (HeapMaker.Source failure : failures) {
            HeapMaker maker = new HeapMaker(kernel, HeapMemory.ORDINARY, failure, HEAP_BYTES);
            Process process = abilities.spawning().orElseThrow().start(List.of(maker), java("-Xms32m", "-Xmx32m"));

            assertThatExceptionOfType(IOException.class).isThrownBy(() -> maker.await(Duration.ofSeconds(20)));
            assertThat(exitCode(process)).isEqualTo(1);
        }
    }

    @Test
    void aHeapOfAnotherSizeThanTheManifestNamesIsNotGiven() throws Exception {
        for (String size : List.of("16m", "64m")) {
            HeapMaker maker = new HeapMaker(abilities.kernel().orElseThrow(), HeapMemory.ORDINARY, HEAP_BYTES);
            Process process = abilities.spawning().orElseThrow().start(List.of(maker), java("-Xms" + size, "-Xmx" + size));

            assertThatExceptionOfType(IOException.class)
                    .as(size)
                    .isThrownBy(() -> maker.await(Duration.ofSeconds(20)))
                    .withMessageContaining("exit code 1");
            assertThat(exitCode(process)).isEqualTo(1);
        }
    }

    /** Whatever asks for a file without a name is answered by nobody but the kernel, that it has no such call, once the heap is made. */
    @Test
    void aProcessThatMakesNoHeapIsToldApart() throws Exception {
        HeapMaker maker = new HeapMaker(abilities.kernel().orElseThrow(), HeapMemory.ORDINARY, HEAP_BYTES);
        Process process = abilities.spawning().orElseThrow().start(List.of(maker), new ProcessBuilder("/bin/true"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> maker.await(Duration.ofSeconds(20)))
                .withMessageContaining("exit code 0 before it had a heap");
        assertThat(exitCode(process)).isZero();
    }

    /** A JVM with a heap that needs wide addresses asks for its size twice; one that keeps its descriptor gets no heap that counts. */
    @Test
    void everyKindOfJvmGetsItsHeapInOnePiece() throws Exception {
        for (String option : List.of("-XX:+UseCompressedOops", "-XX:-UseCompressedOops", "-XX:+UseCompactObjectHeaders")) {
            HeapMaker maker = new HeapMaker(abilities.kernel().orElseThrow(), HeapMemory.ORDINARY, HEAP_BYTES);
            Process process = abilities.spawning().orElseThrow().start(List.of(maker), java("-Xshare:off", "-Xms32m", "-Xmx32m", option));

            assertThat(maker.await(Duration.ofSeconds(20))).as(option).isPositive();
            assertThat(exitCode(process)).as(option).isZero();
        }
    }
}
