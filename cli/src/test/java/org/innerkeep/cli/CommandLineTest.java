package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.innerkeep.cli.demo.Owners;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** What people type, and what they get: help, exit codes, messages, files. */
final class CommandLineTest {
    /** More than one chunk of a sealed file, and no whole number of them. */
    private static final int TABLE_BYTES = 100_000;

    @TempDir
    private Path folder;

    /**
     * What came of one command.
     *
     * @param exitCode what the process would end with
     * @param out standard output
     * @param err standard error
     */
    private record Outcome(int exitCode, String out, String err) {}

    private static Outcome run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private String identity(String name) {
        Outcome made = run("keygen", "--identity", file(name));
        assertThat(made.exitCode()).isZero();
        return made.out().strip().substring("recipient ".length());
    }

    private byte[] table() throws IOException {
        byte[] table = new byte[TABLE_BYTES];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) ((i * 31) >> 3);
        }
        Files.write(file("table.csv"), table);
        return table;
    }

    static Stream<String> commands() {
        return all("", Main.commandLine());
    }

    private static Stream<String> all(String path, CommandLine command) {
        return Stream.concat(
                Stream.of(path.strip()),
                command.getSubcommands().values().stream()
                        .filter(sub -> !(sub.getCommand() instanceof HelpCommand))
                        .flatMap(sub -> all(path + " " + sub.getCommandName(), sub)));
    }

    @Test
    void aCommandAloneIsWhatItIsAmongAll() {
        Map<String, CommandLine> all = Main.commandLine().getSubcommands();
        assertThat(all).containsOnlyKeys(Main.COMMANDS);
        for (String name : Main.COMMANDS) {
            Map<String, CommandLine> alone = Main.commandLine(List.of(name)).getSubcommands();
            assertThat(alone).containsOnlyKeys(name);
            CommandLine command = Objects.requireNonNull(alone.get(name));
            assertThat(command.getCommandName()).isEqualTo(name);
            assertThat(command.getUsageMessage()).isEqualTo(Objects.requireNonNull(all.get(name)).getUsageMessage());
        }
    }

    @ParameterizedTest(name = "innerkeep {0} --help")
    @MethodSource("commands")
    void helpShowsAnExampleAndTheExitCodes(String path) {
        Outcome help = run(Stream.concat(path.isEmpty() ? Stream.of() : Arrays.stream(path.split(" ")), Stream.of("--help")).toArray());

        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).containsPattern("(?m)^Examples?:").contains("Exit codes:").contains("innerkeep " + path);
        assertThat(help.out()).containsPattern("(?m)^  0  ").containsPattern("(?m)^  1  ").containsPattern("(?m)^  2  ");
    }

    @Test
    void aMechanismThatThereIsNotIsRefusedWithTheNamesOfThoseThatThereAre() {
        Outcome wrong = run("verify", "127.0.0.1:1", "--anchor", "none", "--measurement", "sha-256:" + "00".repeat(32),
                "--confined", "landlock,secret-haep");

        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--confined: expected one of [secret-heap, landlock, seccomp, namespaces, cgroup]");
    }

    @Test
    void platformsSaysOfEachThingWhetherItIsGivenAndWhatItIsWorthOrLacks() {
        Outcome said = run("platforms");

        assertThat(said.exitCode()).isZero();
        assertThat(said.out()).containsPattern("(?m)^  secret-heap +(yes|no) +[A-Za-z].{20}").contains("memory-readable-by");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "nosuchcommand",
        "keeper",
        "keygen",
        "keygen --signing a.pem --identity b.age",
        "keygen --signing a.pem --classic",
        "seal",
        "seal table.csv -o table.age",
        "unseal --identity a.age",
        "pack --key k.pem enclave.properties",
        "measure",
        "diff only-one.enclave",
        "verify 127.0.0.1:1 --anchor keeper.anchor",
        "verify nonsense --anchor keeper.anchor --signer 00 --product 1 --svn 1",
        "verify 127.0.0.1:1 --anchor keeper.anchor --signer zz --product 1 --svn 1",
        "verify 127.0.0.1:1 --anchor keeper.anchor --measurement sha-256:00",
        "run hello.enclave --listen nonsense",
        "run hello.enclave --vault http://vault.example",
        "run hello.enclave --vault https://vault.example/path --files .",
        "keeper run --enclave-uids many",
        "keeper install --allow-user bad;name --print",
    })
    void aWrongCommandLineExitsWith2AndSaysWhy(String line) {
        Outcome wrong = run(line.isEmpty() ? new Object[0] : (Object[]) line.split(" "));

        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.out()).isEmpty();
        assertThat(wrong.err()).isNotBlank();
    }

    @Test
    void aMissingFileExitsWith1AndNamesIt() {
        String recipient = identity("own.age");
        for (Outcome failed : List.of(
                run("inspect", file("missing")),
                run("measure", file("missing")),
                run("diff", file("missing"), file("missing")),
                run("pack", file("missing"), "--jar", file("missing"), "--key", file("missing")),
                run("unseal", "--identity", file("missing"), file("missing"), "-o", file("out")),
                run("seal", "--recipient", recipient, file("missing"), "-o", file("out")),
                run("verify", "127.0.0.1:1", "--anchor", file("missing"), "--signer", "00".repeat(32), "--product", "1", "--svn", "1"),
                run(
                        "verify", "127.0.0.1:1", "--attestation-service", "https://localhost:1", "--token-keys", file("missing"),
                        "--service-tls", file("missing"), "--policy-hash", "A".repeat(43)))) {
            assertThat(failed.exitCode()).isEqualTo(1);
            assertThat(failed.out()).isEmpty();
            assertThat(failed.err()).contains(file("missing").toString()).contains("no such file");
        }
        assertThat(file("out")).doesNotExist();
    }

    @Test
    void anAttestationServiceIsPinnedWholeAndDecidesInsteadOfAnAnchor() throws IOException {
        Path some = Files.writeString(file("some"), "some");
        String service = "--attestation-service";
        for (Outcome failed : List.of(
                run("verify", "127.0.0.1:1", service, "https://localhost:1"),
                run("verify", "127.0.0.1:1", service, "https://localhost:1", "--token-keys", some),
                run("verify", "127.0.0.1:1", "--token-keys", some, "--service-tls", some),
                run("verify", some, service, "https://localhost:1", "--token-keys", some, "--service-tls", some),
                run(
                        "verify", "127.0.0.1:1", service, "https://localhost:1", "--token-keys", some, "--service-tls", some,
                        "--anchor", some),
                run(
                        "verify", "127.0.0.1:1", "--policy-hash", "A".repeat(43), "--anchor", some, "--measurement",
                        "sha-256:" + "00".repeat(32)))) {
            assertThat(failed.exitCode()).isEqualTo(Main.USAGE);
            assertThat(failed.err()).contains("--");
        }
    }

    @Test
    void anAttestationServiceDecidesOnlyAboutCodeThatIsAgreed() {
        Outcome anything = run(
                "verify", "127.0.0.1:1", "--attestation-service", "https://localhost:1", "--token-keys", file("missing"),
                "--service-tls", file("missing"));

        assertThat(anything.exitCode()).isEqualTo(Main.USAGE);
        assertThat(anything.err()).contains("--measurement").contains("--signer").contains("--policy-hash");
    }

    @Test
    void aFileOfAnotherKindIsNamedInTheMessage() throws IOException {
        identity("own.age");
        Path stranger = Files.writeString(file("stranger"), "not what is wanted\n");
        for (Outcome failed : List.of(
                run("inspect", stranger),
                run("measure", stranger),
                run("unseal", "--identity", file("own.age"), stranger, "-o", file("out")),
                run("unseal", "--identity", stranger, file("own.age"), "-o", file("out")),
                run("verify", "127.0.0.1:1", "--anchor", stranger, "--signer", "00".repeat(32), "--product", "1", "--svn", "1"))) {
            assertThat(failed.exitCode()).isEqualTo(1);
            assertThat(failed.err()).contains(stranger.toString());
        }
    }

    @Test
    void aFileThatMayNotBeReadIsNamedWithTheReason() throws IOException {
        Path closed = Files.writeString(file("closed"), "x");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assumeThat(Files.isReadable(closed)).as("root reads everything").isFalse();

        assertThat(run("inspect", closed).err()).contains(closed.toString()).contains("permission denied");
    }

    @Test
    void aKeeperThatDoesNotRunIsNamedWithTheRemedy() throws IOException {
        Path bundle = Files.writeString(file("any.enclave"), "x");

        Outcome failed = run("run", bundle, "--keeper", file("keeper.sock"));

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains(file("keeper.sock").toString()).contains("innerkeep keeper run");
    }

    @Test
    void anUnknownKeyOfThePropertiesIsNamed() throws IOException {
        Path properties = Files.writeString(file("enclave.properties"), "name = a\nheep = 256m\n");
        run("keygen", "--signing", file("developer.pem"));

        Outcome failed = run("pack", properties, "--jar", file("a.jar"), "--key", file("developer.pem"));

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains(properties.toString()).contains("'heep'").contains("heap");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--signing", "--identity"})
    void anExistingKeyIsNeverOverwritten(String kind) throws IOException {
        assertThat(run("keygen", kind, file("key")).exitCode()).isZero();
        byte[] first = Files.readAllBytes(file("key"));

        Outcome again = run("keygen", kind, file("key"));

        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains(file("key").toString()).contains("name another file");
        assertThat(Files.readAllBytes(file("key"))).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--signing", "--identity"})
    void aNewKeyIsReadableByItsOwnerAloneAndNeverPrinted(String kind) throws IOException {
        Outcome made = run("keygen", kind, file("key"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("key")))).isEqualTo("rw-------");
        List<String> secrets = Files.readAllLines(file("key")).stream().filter(line -> !line.startsWith("#") && !line.startsWith("-")).toList();
        assertThat(secrets).isNotEmpty();
        assertThat(made.out() + made.err()).doesNotContain(secrets);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsSealedUnsealsToTheSame(boolean armor) throws IOException {
        byte[] table = table();
        String recipient = identity("own.age");

        Outcome sealed = armor
                ? run("seal", "-a", "--recipient", recipient, file("table.csv"), "-o", file("table.age"))
                : run("seal", "--recipient", recipient, file("table.csv"), "-o", file("table.age"));
        Outcome opened = run("unseal", "--identity", file("own.age"), file("table.age"), "-o", file("back.csv"));

        assertThat(List.of(sealed.exitCode(), opened.exitCode())).containsOnly(0);
        assertThat(Files.readAllBytes(file("back.csv"))).isEqualTo(table);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("back.csv")))).isEqualTo("rw-------");
    }

    @Test
    void identitiesAreHybridAndClassicOnesGoOnWorking() throws IOException {
        byte[] table = table();
        String hybrid = identity("own.age");
        Outcome made = run("keygen", "--identity", file("old.age"), "--classic");
        String classic = made.out().strip().substring("recipient ".length());
        assertThat(hybrid).startsWith("age1pq1").hasSize(1959);
        assertThat(classic).startsWith("age1").hasSize(62);
        assertThat(Files.readString(file("old.age"))).contains("AGE-SECRET-KEY-1");

        run("seal", "-r", classic, file("table.csv"), "-o", file("old-table.age"));
        run("seal", "-r", hybrid, file("table.csv"), "-o", file("table.age"));
        for (String sealed : List.of("old-table.age", "table.age")) {
            // Whoever has keys of both kinds gives both.
            Outcome opened =
                    run("unseal", "-i", file("own.age"), "-i", file("old.age"), file(sealed), "-o", file("back-" + sealed));
            assertThat(opened.exitCode()).isZero();
            assertThat(Files.readAllBytes(file("back-" + sealed))).isEqualTo(table);
        }
    }

    @Test
    void recipientsOfBothKindsAreRefusedWithTheReason() throws IOException {
        table();
        String classic = run("keygen", "--identity", file("old.age"), "--classic").out().strip().substring("recipient ".length());

        Outcome mixed = run("seal", "-r", identity("own.age"), "-r", classic, file("table.csv"), "-o", file("table.age"));

        assertThat(mixed.exitCode()).isEqualTo(1);
        assertThat(mixed.err()).contains("mixed").contains("seal to one kind");
        assertNothingLeftOf("table.age");
    }

    @Test
    void anotherIdentityOpensNothingAndLeavesNoFile() throws IOException {
        table();
        run("seal", "--recipient", identity("own.age"), file("table.csv"), "-o", file("table.age"));
        identity("other.age");

        Outcome refused = run("unseal", "--identity", file("other.age"), file("table.age"), "-o", file("back.csv"));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("none of the identities").contains("sealed to");
        assertNothingLeftOf("back.csv");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 150, 1_600, 1_700, 70_000, TABLE_BYTES})
    void aFileCutAnywhereLeavesNoOutput(int length) throws IOException {
        table();
        run("seal", "--recipient", identity("own.age"), file("table.csv"), "-o", file("table.age"));
        Files.write(file("cut.age"), Arrays.copyOf(Files.readAllBytes(file("table.age")), length));

        Outcome refused = run("unseal", "--identity", file("own.age"), file("cut.age"), "-o", file("back.csv"));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(file("cut.age").toString());
        assertNothingLeftOf("back.csv");
    }

    @Test
    void anOutputThatExistedStaysWholeWhenUnsealingFails() throws IOException {
        table();
        run("seal", "--recipient", identity("own.age"), file("table.csv"), "-o", file("table.age"));
        byte[] changed = Files.readAllBytes(file("table.age"));
        // In the second chunk: the first is already decrypted when this is found.
        changed[changed.length - 5] ^= 1;
        Files.write(file("table.age"), changed);
        Files.writeString(file("back.csv"), "what was there before");

        assertThat(run("unseal", "--identity", file("own.age"), file("table.age"), "-o", file("back.csv")).exitCode()).isEqualTo(1);
        assertThat(file("back.csv")).hasContent("what was there before");
        assertThat(file("back.csv.part")).doesNotExist();
    }

    private void assertNothingLeftOf(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(each -> each.getFileName().toString())).noneMatch(each -> each.startsWith(name));
        }
    }

    @Test
    void theDemonstrationSaysWhatIsWrongWithItsInputBeforeAnythingStarts() throws IOException {
        Owners.write(folder);

        Outcome halfGiven = run("demo", "--job", file("job.json"));
        assertThat(halfGiven.exitCode()).isEqualTo(Main.USAGE);
        assertThat(halfGiven.err()).contains("--data");

        Outcome full = run("demo", "--job", file("job.json"), "--data", file("data"), "--keep", folder);
        assertThat(full.exitCode()).isEqualTo(Main.USAGE);
        assertThat(full.err()).contains("--keep: ").contains("is not empty");

        Outcome noJob = run("demo", "--job", file("none.json"), "--data", file("data"));
        assertThat(noJob.exitCode()).isEqualTo(Main.FAILED);
        assertThat(noJob.err()).contains("none.json: no such file");

        Files.writeString(file("data/south.csv"), "height,weight,pulse,ill\nsecret,70,70,1\n");
        Outcome unreadable = run("demo", "--job", file("job.json"), "--data", file("data"), "--json", "--keep", file("kept"));
        assertThat(unreadable.exitCode()).isEqualTo(Main.FAILED);
        assertThat(unreadable.out()).isEmpty();
        assertThat(unreadable.err()).contains("south.csv: ").contains("line 2: column \"height\"").doesNotContain("secret");
        assertThat(file("kept")).as("nothing started").doesNotExist();
    }
}
