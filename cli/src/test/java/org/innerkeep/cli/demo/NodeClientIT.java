package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.evidence.KeeperAnchor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The client in Node.js, written from docs/protocol.md, against a real enclave: keeper, host, enclave and client are processes
 * of their own. A tap in front of the host records what the client sends.
 */
@ExtendWith(NodeClient.Needed.class)
final class NodeClientIT {
    private static final String MAIN = "org.innerkeep.cli.Main";

    /** Long, so that whatever carries it shows by its length even where it is encrypted. */
    private static final String NAME = "Ada".repeat(200);

    private static final String GREETING = "Hello, " + NAME + ", from inside";

    private static final NodeClient CLIENT = NodeClient.ofCheckout();

    private static Stage stage;
    private static Party keeper;
    private static Party operator;
    private static Path bundle;
    private static Path socket;
    private static Path anchor;
    private static String signer;
    private static String measurement;
    private static Child host;
    private static String address;

    @BeforeAll
    static void startTheEnclave() throws Exception {
        stage = Built.stage();
        keeper = stage.party("keeper", true);
        operator = stage.party("operator", false);
        Party developer = stage.party("developer", false);
        Path key = stage.folder(developer).resolve("developer.pem");
        signer = innerkeep(developer, "keygen", "--signing", key.toString()).substring("signer ".length()).strip();
        bundle = pack(developer, key);
        measurement = innerkeep(
                        developer, "measure", bundle.toString(), "--runtimes", stage.folder(developer).resolve("runtimes").toString())
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("measurement "))
                .map(line -> line.substring("measurement ".length()).strip())
                .findFirst()
                .orElseThrow();

        List<String> arguments = new ArrayList<>(
                List.of("keeper", "run", "--folder", stage.folder(keeper).resolve("state").toString()));
        operator.uid().ifPresent(uid -> arguments.addAll(List.of("--allow-user", uid.toString())));
        Child running = stage.java(keeper, MAIN, arguments);
        socket = Path.of(running.require("socket"));
        running.require("ready");
        anchor = stage.root().resolve("keeper.anchor");
        Files.writeString(anchor, Files.readString(stage.folder(keeper).resolve("state/keeper.anchor")));
        host = run(operator);
        address = host.require("listening");
    }

    private static String innerkeep(Party party, String... arguments) throws IOException {
        try (Child command = stage.java(party, MAIN, List.of(arguments))) {
            assertThat(command.waitFor()).as(command.said()).isZero();
            return command.said();
        }
    }

    private static Path pack(Party developer, Path key) throws IOException {
        Path properties = stage.put(
                developer,
                "hello.properties",
                """
                name = hello
                program = org.innerkeep.examples.hello.HelloEnclave
                product = 1
                svn = 1
                heap = 32m
                client-interfaces = org.innerkeep.examples.hello.Greeting
                """
                        .getBytes(StandardCharsets.UTF_8));
        Path packed = stage.folder(developer).resolve("hello.enclave");
        String jar = ExampleJars.find(stage.jars(), "hello").getFirst().toString();
        innerkeep(developer, "pack", properties.toString(), "--jar", jar, "--key", key.toString(), "-o", packed.toString());
        Path published = stage.root().resolve("hello.enclave");
        Files.copy(packed, published);
        Files.setPosixFilePermissions(published, PosixFilePermissions.fromString("rw-r--r--"));
        return published;
    }

    private static Child run(Party party) throws IOException {
        return stage.java(party, MAIN, List.of("run", bundle.toString(), "--keeper", socket.toString()));
    }

    @AfterAll
    static void endAll() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }

    /** What the client is told where nothing is to be refused. */
    private static List<String> right() {
        List<String> arguments = new ArrayList<>(signed(signer, 1, 1));
        if (!stage.separate()) {
            arguments.add("--allow-same-user");
        }
        return arguments;
    }

    private static List<String> signed(String by, int product, int svn) {
        return List.of(
                "--anchor", anchor.toString(), "--signer", by, "--product", Integer.toString(product), "--svn",
                Integer.toString(svn));
    }

    private static List<String> measured(String as) {
        return List.of("--anchor", anchor.toString(), "--measurement", as);
    }

    @Test
    void theClientsOwnTestsOverTheVectorsPass() throws IOException {
        NodeClient.Outcome outcome = CLIENT.ownTests();

        assertThat(outcome.exitCode()).as(outcome.said()).isZero();
        // A runner that finds no tests succeeds too.
        assertThat(outcome.said()).contains("# fail 0").containsPattern("# pass [1-9][0-9]{2}");
    }

    @Test
    void itGreetsTheEnclaveThatItTrusts() throws IOException {
        assertThat(CLIENT.hello(address, right(), "Zoë \uD83D\uDE00")).isEqualTo(
                new NodeClient.Outcome(0, "Hello, Zoë \uD83D\uDE00, from inside"));
        List<String> byMeasurement = new ArrayList<>(measured(measurement));
        if (!stage.separate()) {
            byMeasurement.add("--allow-same-user");
        }
        assertThat(CLIENT.hello(address, byMeasurement, "Ada")).isEqualTo(
                new NodeClient.Outcome(0, "Hello, Ada, from inside"));
    }

    @Test
    void theTapSeesTheNameLeaveByItsLengthAndNotInTheClear() throws Exception {
        try (WireTap tap = WireTap.before(Built.address(address))) {
            assertThat(CLIENT.hello(tap.address(), right(), NAME).said()).isEqualTo(GREETING);

            assertThat(tap.longestEncryptedRecord()).isGreaterThan(NAME.length());
            assertThat(new String(tap.sent(), StandardCharsets.ISO_8859_1)).doesNotContain("Ada");
        }
    }

    static Stream<Arguments> otherWishes() throws IOException {
        Path other = Files.writeString(
                stage.root().resolve("other.anchor"), KeeperAnchor.of(NodeClient.newKey().getPublic()) + "\n");
        List<String> unpinned = new ArrayList<>(right());
        unpinned.set(1, other.toString());
        return Stream.of(
                Arguments.of("SIGNER_MISMATCH", signed("00".repeat(32), 1, 1)),
                Arguments.of("PRODUCT_MISMATCH", signed(signer, 2, 1)),
                Arguments.of("SVN_TOO_LOW", signed(signer, 1, 2)),
                Arguments.of("MEASUREMENT_MISMATCH", measured("sha-256:" + "00".repeat(32))),
                Arguments.of("ANCHOR_NOT_PINNED", unpinned));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherWishes")
    void itRefusesAnEnclaveOtherThanItWishesAndTheNameStays(String code, List<String> wishes) throws Exception {
        try (WireTap tap = WireTap.before(Built.address(address))) {
            List<String> arguments = new ArrayList<>(wishes);
            arguments.add("--allow-same-user");

            NodeClient.Outcome outcome = CLIENT.hello(tap.address(), arguments, NAME);

            assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(1);
            assertThat(outcome.said()).contains("refused (certificate)").containsPattern("(?m)^" + code + " ");
            assertThat(outcome.said().lines().filter(line -> line.matches("[A-Z_]+ .*"))).hasSize(1);
            tap.requireNothingButAHandshake();
        }
    }

    @Test
    void itRefusesAnEnclaveThatSharesItsUserUnlessTold() throws Exception {
        // Where parties have users of their own, a host that runs as the keeper's shares its.
        try (Child shared = stage.separate() ? run(keeper) : run(operator);
                WireTap tap = WireTap.before(Built.address(shared.require("listening")))) {
            NodeClient.Outcome outcome = CLIENT.hello(tap.address(), signed(signer, 1, 1), NAME);

            assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(1);
            assertThat(outcome.said()).contains("ISOLATION_SAME_USER");
            tap.requireNothingButAHandshake();
            List<String> allowed = new ArrayList<>(signed(signer, 1, 1));
            allowed.add("--allow-same-user");
            assertThat(CLIENT.hello(tap.address(), allowed, NAME).said()).isEqualTo(GREETING);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "replay"})
    void itRefusesARelayWithItsOwnKeyThatShowsTheTrueEnclavesEvidence(String kind) throws IOException {
        String port = address.substring(address.lastIndexOf(':') + 1);
        try (Child impostor = stage.java(operator, "org.innerkeep.cli.demo.Impostor", List.of(kind, port))) {
            NodeClient.Outcome outcome = CLIENT.hello(impostor.require("listening"), right(), NAME);

            assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(1);
            assertThat(outcome.said()).contains("refused (certificate)", "REPORT_DATA_MISMATCH");
            // The impostor ends TLS itself, so it would have read whatever was said.
            assertThat(impostor.awaitAny("client left", "CLIENT SPOKE")).isEqualTo(Optional.of("client left"));
        }
    }

    @Test
    void aCommandLineThatSaysTooLittleIsTold() throws IOException {
        for (List<String> arguments : Arrays.asList(
                List.of("--signer", signer, "--product", "1", "--svn", "1"),
                List.of("--anchor", anchor.toString()),
                List.of("--anchor", anchor.toString(), "--signer", signer),
                List.of("--anchor", anchor.toString(), "--signer", "12", "--product", "1", "--svn", "1"))) {
            NodeClient.Outcome outcome = CLIENT.hello(address, arguments, NAME);
            assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(2);
            assertThat(outcome.said()).contains("usage:");
        }
    }
}
