package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Decision;
import org.innerkeep.attestation.store.DecisionRecord;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code innerkeep log}, on a real store. */
final class LogCommandTest {
    @TempDir
    private Path folder;

    private Path store;
    private Path anchor;
    private Path receipt;

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

    @BeforeEach
    void fill() throws IOException {
        LogKey key = LogKey.generate();
        store = folder.resolve("store.db");
        receipt = folder.resolve("receipt");
        anchor = Files.writeString(folder.resolve("log-anchor"), key.anchor() + "\n");
        try (AttestationStore opened = AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(store), key))) {
            for (int i = 0; i < 5; i++) {
                Files.write(receipt, opened.record(decision("evidence " + i)).toByteArray());
            }
        }
    }

    private static Decision decision(String evidence) {
        Bytes digest = Bytes.sha256(evidence.getBytes(StandardCharsets.UTF_8));
        DecisionRecord record = new DecisionRecord(
                Instant.parse("2026-06-01T12:00:00Z"),
                "SgxEnclave",
                DecisionRecord.Outcome.PERMITTED,
                Optional.empty(),
                Map.of("evidence", digest),
                Map.of(),
                List.of());
        return new Decision(record, Map.of());
    }

    @Test
    void receiptIsVerifiedByItselfAndAgainstTheStore() {
        Outcome alone = run("log", "verify", receipt, "--anchor", anchor);
        assertThat(alone.exitCode()).as(alone.err()).isZero();
        assertThat(alone.out()).contains("5 20").contains("decision SgxEnclave permitted").contains("intact");

        Outcome withLog = run("log", "verify", receipt, "--anchor", anchor, "--log", store);
        assertThat(withLog.exitCode()).as(withLog.err()).isZero();
        assertThat(withLog.out()).contains("size 6").contains("intact");
        assertThat(run("log", "verify", "--anchor", anchor, "--log", store).exitCode()).isZero();
    }

    @Test
    void receiptIsTakenAsTheTextOfTheHeaderToo() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text"), Base64.getUrlEncoder().withoutPadding().encodeToString(Files.readAllBytes(receipt)) + "\n");

        assertThat(run("log", "verify", text, "--anchor", anchor).exitCode()).isZero();
    }

    @Test
    void rewrittenStoreIsConvicted() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM log_leaf WHERE sequence = 5");
        }
        Outcome convicted = run("log", "verify", receipt, "--anchor", anchor, "--log", store);

        assertThat(convicted.exitCode()).isEqualTo(1);
        assertThat(convicted.out()).contains("convicted").contains("TRUNCATED");
    }

    @Test
    void exportedLogIsVerifiedAndShownLikeTheStore() {
        Path export = folder.resolve("exported.log");
        assertThat(run("log", "export", store, "-o", export).exitCode()).isZero();
        assertThat(run("log", "verify", receipt, "--anchor", anchor, "--log", export).exitCode()).isZero();

        Outcome fromStore = run("log", "show", store, "--from", 2, "--count", 2);
        Outcome fromExport = run("log", "show", export, "--from", 2, "--count", 2);
        assertThat(fromStore.out()).isEqualTo(fromExport.out()).contains("not verified").contains("\n2 20").contains("\n3 20");
        assertThat(fromStore.out().lines()).hasSize(4);
        assertThat(run("log", "show", store).out()).contains("0 20").contains("log-created log-key=").contains("\n5 20");
    }

    @Test
    void anotherKeyIsSaid() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), LogKey.generate().anchor().toString());

        Outcome convicted = run("log", "verify", receipt, "--anchor", other);
        assertThat(convicted.exitCode()).isEqualTo(1);
        assertThat(convicted.out()).contains("WRONG_KEY");
    }

    @Test
    void whatIsNoReceiptOrCannotBeReadHasItsExitCode() throws IOException {
        Path letter = Files.writeString(folder.resolve("letter"), "Dear log\n");
        Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0x84, 0});

        assertThat(run("log", "verify", bytes, "--anchor", anchor).exitCode()).isEqualTo(2);
        assertThat(run("log", "verify", letter, "--anchor", anchor).exitCode()).isEqualTo(2);
        assertThat(run("log", "verify", "--anchor", anchor).exitCode()).isEqualTo(2);
        assertThat(run("log", "verify", receipt, "--anchor", anchor, "--log", "jdbc:mysql:x").exitCode()).isEqualTo(2);
        assertThat(run("log", "verify", receipt, "--anchor", anchor, "--log", folder.resolve("none")).exitCode()).isEqualTo(3);
        assertThat(run("log", "verify", receipt, "--anchor", anchor, "--log", letter).exitCode()).isEqualTo(3);
        assertThat(run("log", "show", folder.resolve("none")).exitCode()).isEqualTo(1);
        assertThat(run("log", "show", store, "--count", 0).exitCode()).isEqualTo(2);
        assertThat(run("log").exitCode()).isEqualTo(2);
    }
}
