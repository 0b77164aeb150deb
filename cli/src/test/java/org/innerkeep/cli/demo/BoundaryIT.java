package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.cli.demo.probe.FailingProbe;
import org.innerkeep.cli.demo.probe.ForClients;
import org.innerkeep.cli.demo.probe.ForHost;
import org.innerkeep.cli.demo.probe.Probe;
import org.innerkeep.cli.demo.probe.ProbeException;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.StartException;
import org.innerkeep.packing.Packing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The boundary of a real enclave, with this test as its host and its clients: what crosses it, what does not, and what becomes
 * of those who wait when the other side dies. The keeper's own environment is planted with everything that changes a JVM.
 */
final class BoundaryIT {
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final int PRODUCT = 11;
    private static final String PLANTED = "planted";

    private enum Kind {
        AGREED(2, false, Probe.class),
        OLDER(1, false, Probe.class),
        NEWER(3, false, Probe.class),
        DEBUG(2, true, Probe.class),
        FAILING(2, false, FailingProbe.class);

        private final int svn;
        private final boolean debug;
        private final Class<?> program;

        Kind(int svn, boolean debug, Class<?> program) {
            this.svn = svn;
            this.debug = debug;
            this.program = program;
        }
    }

    private static final Map<Kind, Path> BUNDLES = new EnumMap<>(Kind.class);

    private static Stage stage;
    private static Party keeperParty;
    private static Child keeper;
    private static SigningKey developer;
    private static Enclave enclave;
    private static InetSocketAddress address;

    @BeforeAll
    static void startKeeperAndEnclave() throws Exception {
        stage = Built.stage();
        developer = SigningKey.generate(SignerKey.Algorithm.P256);
        Path jar = Built.jar(
                stage.root().resolve("probe.jar"),
                List.of(Probe.class, FailingProbe.class, ForHost.class, ForClients.class, ProbeException.class, ProbeException.Detail.class));
        for (Kind kind : Kind.values()) {
            Path properties = Files.writeString(
                    stage.root().resolve(kind + ".properties"),
                    """
                    name = probe
                    program = %s
                    product = %d
                    svn = %d
                    debug = %s
                    heap = 48m
                    threads = 64
                    host-interfaces = %s
                    client-interfaces = %s
                    """
                            .formatted(
                                    kind.program.getName(),
                                    PRODUCT,
                                    kind.svn,
                                    kind.debug,
                                    ForHost.class.getName(),
                                    ForClients.class.getName()));
            Path bundle = stage.root().resolve(kind + ".enclave");
            Packing.prepare(properties, List.of(jar)).packer().write(bundle, developer);
            BUNDLES.put(kind, bundle);
        }
        keeperParty = stage.party("keeper", true);
        keeper = startKeeper();
        enclave = start(Kind.AGREED);
        address = enclave.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterAll
    static void endAll() throws Exception {
        try {
            if (enclave != null) {
                enclave.close();
            }
        } finally {
            if (stage != null) {
                stage.close();
            }
        }
    }

    private static Child startKeeper() throws IOException {
        Map<String, String> planted = Map.of(
                "JAVA_TOOL_OPTIONS", "-D" + PLANTED + "=tool",
                "JDK_JAVA_OPTIONS", "-D" + PLANTED + "=launcher",
                "LD_LIBRARY_PATH", "/" + PLANTED,
                "CLASSPATH", "/" + PLANTED);
        Child started = stage.java(
                keeperParty,
                planted,
                "org.innerkeep.cli.Main",
                List.of("keeper", "run", "--folder", keeperFolder().toString(), "--allow-user", "0"));
        started.require("ready");
        return started;
    }

    private static Path keeperFolder() {
        return stage.folder(keeperParty).resolve("state");
    }

    private static Enclave start(Kind kind) throws IOException {
        return Host.start(Objects.requireNonNull(BUNDLES.get(kind)), Platform.process(keeperFolder().resolve("keeper.sock")));
    }

    private static Client connect(InetSocketAddress to) throws IOException {
        KeeperAnchor anchor = KeeperAnchor.parse(Files.readString(keeperFolder().resolve("keeper.anchor")).strip());
        // This test is the host: as root, or as the keeper's own user, it could read the enclave, and reports say so.
        return Client.connect(
                to,
                Trust.signer(Bytes.of(developer.publicKey().id().toArray()), PRODUCT, 2).on(anchor).allowSameUser());
    }

    private static ProcessHandle process(Enclave of) {
        return Attacks.enclave(of.id()).orElseThrow();
    }

    private static String proc(ProcessHandle process, String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    }

    private static CallException.Code codeOf(Future<?> call) {
        Throwable failure = catchThrowable(() -> call.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(failure).as("the waiting call fails at once").hasCauseInstanceOf(CallException.class);
        return ((CallException) Objects.requireNonNull(failure.getCause())).code();
    }

    @Test
    void waitingCallsOfHostAndClientFailAtOnceWhenTheEnclaveIsKilled() throws Exception {
        try (Enclave victim = start(Kind.AGREED);
                Client client = connect(victim.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ForHost hostSide = victim.bind(ForHost.class);
            ForClients clientSide = client.bind(ForClients.class);
            Future<?> hostCall = threads.submit(hostSide::block);
            Future<?> clientCall = threads.submit(clientSide::block);
            assertThat(clientSide.square(3)).as("both calls wait while others are served").isEqualTo(9);
            assertThat(hostCall.isDone() || clientCall.isDone()).isFalse();

            process(victim).destroyForcibly();

            assertThat(codeOf(hostCall)).isEqualTo(CallException.Code.DISCONNECTED);
            assertThat(codeOf(clientCall)).isEqualTo(CallException.Code.DISCONNECTED);
            victim.ended().toCompletableFuture().get(AT_ONCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void aCallThatTakesTooLongEndsAtItsDeadlineAndTheConnectionLivesOn() throws Exception {
        Duration deadline = Duration.ofMillis(300);
        try (Client client = connect(address)) {
            List<Callable<Void>> calls = List.of(
                    () -> {
                        enclave.bind(ForHost.class, deadline).block();
                        return null;
                    },
                    () -> {
                        client.bind(ForClients.class, deadline).block();
                        return null;
                    });
            for (Callable<Void> call : calls) {
                long start = System.nanoTime();
                assertThatThrownBy(call::call).isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.code()).isEqualTo(CallException.Code.DEADLINE));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(deadline, deadline.plus(AT_ONCE));
            }
            assertThat(client.bind(ForClients.class).square(7)).isEqualTo(49);
            assertThat(enclave.bind(ForHost.class).unseal(new byte[] {1})).isEmpty();
        }
    }

    @Test
    void twoHundredCallsAtOnceOverFourSessionsAllComeBackRight() throws Exception {
        List<Client> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> answers = new ArrayList<>();
            Set<Bytes> bindings = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                Client client = connect(address);
                clients.add(client);
                bindings.add(Bytes.of(client.binding()));
            }
            for (int i = 0; i < 200; i++) {
                long number = i;
                ForClients side = clients.get(i % clients.size()).bind(ForClients.class);
                answers.add(threads.submit(() -> side.square(number)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo((long) i * i);
            }
            assertThat(bindings).as("each session has a binding of its own").hasSize(4);
        } finally {
            clients.forEach(Client::close);
        }
    }

    @Test
    void whatAClientConfidesLeavesNeitherByExceptionsNorByPrinting() throws Exception {
        String secret = "confided-" + UUID.randomUUID();
        try (Client client = connect(address)) {
            ForClients clientSide = client.bind(ForClients.class);
            ForHost hostSide = enclave.bind(ForHost.class);
            clientSide.confide(secret);

            Throwable toClient = catchThrowable(clientSide::throwUndeclared);
            Throwable toHost = catchThrowable(hostSide::throwUndeclared);
            Throwable declared = catchThrowable(hostSide::throwDeclared);

            assertThat(List.of(toClient, toHost, declared)).allSatisfy(failure -> assertThat(textOf(failure)).doesNotContain(secret, "confided "));
            assertThat(((CallException) toClient).code()).isEqualTo(CallException.Code.FAILED);
            assertThat(((CallException) toHost).code()).isEqualTo(CallException.Code.FAILED);
            assertThat(((CallException) declared).code()).isEqualTo(CallException.Code.DECLARED);
            assertThat(((CallException) declared).declaredType()).contains(ProbeException.class.getName());
        }
        ProcessHandle process = process(enclave);
        for (String stream : List.of("fd/1", "fd/2")) {
            assertThat(Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), stream))).hasToString("/dev/null");
        }
        assertThat(keeper.said()).doesNotContain(secret);
        assertThat(filesThatHold(secret)).isEmpty();
    }

    private static String textOf(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Of everything on the stage, the keeper's folder with each enclave's own among it. */
    private static List<Path> filesThatHold(String text) throws IOException {
        List<Path> found = new ArrayList<>();
        int searched = 0;
        try (Stream<Path> all = Files.walk(stage.root())) {
            for (Path file : all.filter(Files::isRegularFile).filter(Files::isReadable).toList()) {
                searched++;
                if (file.toFile().length() < 1 << 20
                        && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
        }
        assertThat(searched).as("there was something to search").isGreaterThan(20);
        return found;
    }

    @Test
    void aProgramThatFailsToStartTellsItsHostTheTypeAlone() {
        assertThatThrownBy(() -> start(Kind.FAILING).close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining(UnsupportedOperationException.class.getName())
                .satisfies(e -> assertThat(textOf(e)).doesNotContain(FailingProbe.MESSAGE));
    }

    @Test
    void nothingOfTheKeepersEnvironmentReachesAnEnclave() throws IOException {
        // The control: the keeper's own JVM did take it.
        assertThat(keeper.said()).contains(PLANTED);
        ProcessHandle process = process(enclave);

        assertThat(proc(process, "environ")).isEmpty();
        assertThat(proc(process, "cmdline")).doesNotContain(PLANTED);
        assertThat(proc(process, "maps")).doesNotContain(PLANTED);
    }

    @Test
    void anEnclaveCanGainNoPrivilegesAndDumpsNoCore() throws IOException {
        ProcessHandle process = process(enclave);

        // 4000 is CAP_IPC_LOCK alone, for a secret heap where a keeper that is root cannot raise the limit of locked memory.
        assertThat(proc(process, "status")).containsPattern("NoNewPrivs:\\s+1\\n").containsPattern("CapEff:\\s+0+(4000)?\\n");
        assertThat(proc(process, "limits")).containsPattern("Max core file size\\s+1\\s+1\\s");
    }

    @Test
    void everyEnclaveIsAUserOfItsOwn() throws IOException {
        if (!stage.separate()) {
            Assumptions.abort("needs root: started by an ordinary user, all enclaves share that user");
        }
        try (Enclave other = start(Kind.AGREED)) {
            Set<Object> users = new HashSet<>();
            for (long pid : List.of(
                    process(enclave).pid(), process(other).pid(), keeper.pid(), ProcessHandle.current().pid())) {
                users.add(Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid"));
            }
            assertThat(users).hasSize(4);
        }
    }

    @Test
    void aSealedValueOutlivesItsEnclaveAndItsKeeperAndOpensForNobodyLess() throws Exception {
        byte[] plaintext = "kept".getBytes(StandardCharsets.UTF_8);
        byte[] sealed = enclave.bind(ForHost.class).seal(plaintext);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("kept");
        enclave.close();
        keeper.kill();
        keeper.waitFor();
        keeper = startKeeper();
        enclave = start(Kind.AGREED);
        address = enclave.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        assertThat(enclave.bind(ForHost.class).unseal(sealed)).hasValueSatisfying(opened -> assertThat(opened).isEqualTo(plaintext));
        assertThat(opensIn(Kind.NEWER, sealed)).as("a later version").isTrue();
        assertThat(opensIn(Kind.OLDER, sealed)).as("an older version").isFalse();
        assertThat(opensIn(Kind.DEBUG, sealed)).as("a debug build").isFalse();
        byte[] changed = sealed.clone();
        changed[changed.length - 1] ^= 1;
        assertThat(enclave.bind(ForHost.class).unseal(changed)).as("changed").isEmpty();
    }

    private static boolean opensIn(Kind kind, byte[] sealed) throws IOException {
        try (Enclave other = start(kind)) {
            return other.bind(ForHost.class).unseal(sealed).isPresent();
        }
    }
}
