package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.VaultPart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code innerkeep keys} against a vault that runs, over HTTPS. */
final class KeysCommandTest {
    private static final String SIGNER = Bytes.sha256(new byte[] {1}).hex();

    @TempDir
    private Path folder;

    private RunningService running;
    private int port;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        running = RunningService.start(
                ServiceConfiguration.of(Map.of(
                        "folder", folder.resolve("state").toString(), "listen", "127.0.0.1:" + port,
                        // Nothing here asks for tokens, and the other kind of key takes seconds to make.
                        "token-algorithm", "ES256")),
                RunningService.Clocks.ofSystem(),
                List.of(new VaultPart()));
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private static Outcome run(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    private Outcome keys(String... arguments) {
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--server", "https://localhost:" + port, "--cacert", folder.resolve("state/trial-tls.pem").toString(),
                "--admin-key-file", folder.resolve("state/admin.key").toString()));
        return run(all);
    }

    private static String first(String pattern, String text) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern + " in " + text).isTrue();
        return found.group(1);
    }

    @Test
    void anOwnerMakesAKeyGrantsItAndTakesTheGrantBack() {
        Outcome made = keys("create", "patients");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).contains("identity hybrid").contains("recipient  age1pq1").contains("no enclave gets anything of it");
        assertThat(keys("list").out()).contains("patients  identity hybrid, 1 versions, 0 grants");

        Outcome granted = keys("grant", "patients", "--signer", SIGNER, "--product", "7", "--least-version", "3", "--platform", "process",
                "--memory", "root", "--lease", "PT15M", "--uses", "5");
        assertThat(granted.exitCode()).as(granted.err()).isZero();
        String id = first("grant +([0-9a-f]{32})", granted.out());
        assertThat(keys("show", "patients").out())
                .contains("signer " + SIGNER + ", product 7, version 3 or later")
                .contains("process, memory readable by root at most")
                .contains("0 of 5");

        assertThat(keys("revoke", "patients", id).out()).contains("revoked");
        assertThat(keys("show", "patients").out()).contains(id + ", revoked at ");
        assertThat(keys("revoke", "patients", id)).matches(each -> each.exitCode() == 1 && each.err().contains("it was revoked at"));
        assertThat(keys("why", "patients").out()).contains("no enclave was refused");
        // Newest first: what became of the grant, and no decision, for nobody has asked.
        assertThat(keys("log", "patients").out())
                .matches("(?s).*revoked by admin-key [^\\n]*: grant " + id + "\\n.*granted by admin-key [^\\n]*: grant " + id + "\\n.*")
                .doesNotContain("released")
                .doesNotContain("refused");
    }

    @Test
    void aFileIsSealedToAKeyByItsName() throws IOException {
        keys("create", "patients");
        Path plain = Files.writeString(folder.resolve("patients.csv"), "the patients");
        Path sealed = folder.resolve("patients.age");
        Outcome done = run(List.of("seal", "--key", "patients", "--server", "https://localhost:" + port, "--cacert",
                folder.resolve("state/trial-tls.pem").toString(), plain.toString(), "-o", sealed.toString()));
        assertThat(done.exitCode()).as(done.err()).isZero();
        Bytes header = SealedFile.header(new ByteArrayInputStream(Files.readAllBytes(sealed)));
        assertThat(done.out()).isEqualTo("header     " + Bytes.sha256(header.toArray()).hex() + System.lineSeparator());
        assertThat(run(List.of("seal", plain.toString(), "-o", sealed.toString())))
                .matches(each -> each.exitCode() == 2 && each.err().contains("--recipient, or --key"));
    }

    @Test
    void anIdentityIsImportedAndItsKeyRotatedDisabledAndPurged() throws IOException {
        Path identity = folder.resolve("old.key");
        Outcome generated = run(List.of("keygen", "--identity", identity.toString()));
        String recipient = generated.out().strip().substring("recipient ".length());
        assertThat(keys("import", "old", "--identity", identity.toString()).out()).contains(recipient);
        Outcome rotated = keys("rotate", "old");
        assertThat(rotated.out().split("version    ", -1)).hasSize(3);
        String version = first("version +([0-9a-f]{32})", rotated.out());
        assertThat(keys("disable", "old", version).out()).contains(version + ", disabled");
        assertThat(keys("enable", "old", version).out()).doesNotContain("disabled");
        assertThat(keys("delete", "old").out()).contains("keys recover old");
        assertThat(keys("list").out()).contains("no key yet");
        assertThat(keys("list", "--deleted").out()).contains("old  identity");
        assertThat(keys("recover", "old").exitCode()).isZero();
        keys("delete", "old");
        assertThat(keys("purge", "old").out()).contains("purged");
        assertThat(keys("show", "old")).matches(each -> each.exitCode() == 1 && each.err().contains("this vault has none of this name"));
        Files.writeString(identity, "# nothing\n");
        assertThat(keys("import", "old", "--identity", identity.toString()).err()).contains("expected an identity, found none");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--signer S --platform process --memory root",
        "--signer S --product 7 --least-version 3 --measurement sha-256:00 --platform process --memory root",
        "--platform process --memory root",
        "--signer S --product 7 --least-version 3 --memory root",
        "--signer S --product 7 --least-version 3 --platform process"
    })
    void aGrantThatLeavesSomethingOutIsNotUnderstood(String options) {
        keys("create", "patients");
        List<String> all = new ArrayList<>(List.of("grant", "patients"));
        all.addAll(Arrays.asList(options.replace("S ", SIGNER + " ").split(" ", -1)));
        assertThat(keys(all.toArray(String[]::new)).exitCode()).isEqualTo(Main.USAGE);
        assertThat(keys("show", "patients").out()).contains("grants     none");
    }

    @Test
    void whatCannotBeDoneIsSaid() throws IOException {
        assertThat(keys("show", "no/name").err()).contains("expected 1 to 127 letters, digits and hyphens");
        assertThat(keys("revoke", "patients", "abc").err()).contains("expected 32 hexadecimal digits");
        assertThat(run(List.of("keys")).exitCode()).isEqualTo(Main.USAGE);
        assertThat(run(List.of("keys", "list", "--server", "http://vault.example", "--admin-key-file",
                folder.resolve("state/admin.key").toString())).err()).contains("expected an https address");
        Path open = Files.writeString(folder.resolve("open.key"), "key");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run(List.of("keys", "list", "--admin-key-file", open.toString())).err()).contains("only");
        Path wrong = Files.writeString(folder.resolve("wrong.key"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));
        Outcome refused = run(List.of("keys", "list", "--server", "https://localhost:" + port, "--cacert",
                folder.resolve("state/trial-tls.pem").toString(), "--admin-key-file", wrong.toString()));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("the bearer token is not an admin key")
                .doesNotContain(new String(Files.readAllBytes(wrong), StandardCharsets.US_ASCII));
        running.close();
        assertThat(keys("list").err()).contains("nothing answers there");
    }
}
