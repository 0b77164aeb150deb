package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Need.Tee;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence in files, verified and shown from the shell: what people and programs get, and the exit codes. */
final class EvidenceCommandsTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(NOW);

    @TempDir
    private Path folder;

    private Path quote;
    private Path collateral;
    private Path root;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void write() throws IOException {
        quote = Files.write(folder.resolve("quote.bin"), INTEL.sgxQuote(3, wish -> {}));
        root = Files.write(folder.resolve("root.der"), INTEL.root().der().toArray());
        collateral = Files.createDirectory(folder.resolve("collateral"));
        int count = 0;
        for (Bytes each : INTEL.collateral()) {
            Files.write(collateral.resolve("document-" + count++), each.toArray());
        }
    }

    private static Outcome run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    private Outcome verify(Path evidence, Object... more) {
        List<Object> arguments = new ArrayList<>(
                List.of("verify", evidence, "--root", "intel=" + root, "--endorsements", collateral, "--at", "2026-06-01"));
        arguments.addAll(List.of(more));
        return run(arguments.toArray());
    }

    @Test
    void acceptedEvidenceIsShownWithWhatWasCheckedAndWhatWasNot() {
        Outcome accepted = verify(quote);

        assertThat(accepted.exitCode()).as(accepted.out() + accepted.err()).isZero();
        assertThat(accepted.out())
                .startsWith("accepted, at 2026-06-01T00:00:00Z")
                .containsPattern("(?m)^  kind +sgx-quote$")
                .containsPattern("(?m)^  measurement +sha-256:[0-9a-f]{64}$")
                .contains("trusted computing base: UpToDate")
                .containsSubsequence("what was checked", "revocation of", "what was not checked", "report data");
    }

    @Test
    void refusedEvidenceExplainsItselfAndExitsWith1() throws IOException {
        byte[] forged = Files.readAllBytes(quote);
        forged[48 + 64] ^= 1;
        Outcome refused = verify(Files.write(folder.resolve("forged.bin"), forged));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out())
                .startsWith("refused, at 2026-06-01T00:00:00Z")
                .contains("SIGNATURE_INVALID")
                .containsSubsequence("found", "wanted", "what to do");
    }

    @Test
    void withoutTheMakersPinnedRootNothingIsAccepted() {
        Outcome refused = run("verify", quote, "--endorsements", collateral, "--at", "2026-06-01");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("ANCHOR_NOT_PINNED");
    }

    @Test
    void whatCannotBeFoundOutExitsWith3() {
        Outcome undecided = run("verify", quote, "--root", "intel=" + root, "--at", "2026-06-01");

        assertThat(undecided.exitCode()).as(undecided.out()).isEqualTo(3);
        assertThat(undecided.out()).startsWith("not decided").contains("ENDORSEMENT_MISSING");
    }

    @Test
    void aDecisionIsMadeAgainWithTheOneFileThatWasKept() throws IOException {
        Path kept = folder.resolve("kept.cbor");
        assertThat(verify(quote, "--keep-endorsements", kept).exitCode()).isZero();

        Outcome again = run("verify", quote, "--root", "intel=" + root, "--endorsements", kept, "--at", "2026-06-01");
        assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
        Outcome later = run("verify", quote, "--root", "intel=" + root, "--endorsements", kept, "--at", "2036-06-01");
        assertThat(later.exitCode()).isEqualTo(1);
        assertThat(later.out()).contains("ENDORSEMENT_EXPIRED");
    }

    @Test
    void aServiceThatCannotBeReachedIsSaidAndDecidesNothing() {
        Outcome undecided = run(
                "verify", quote, "--root", "intel=" + root, "--pccs", "http://127.0.0.1:9", "--at", "2026-06-01");

        assertThat(undecided.exitCode()).as(undecided.out() + undecided.err()).isEqualTo(3);
        assertThat(undecided.out()).contains("ENDORSEMENT_MISSING").contains("127.0.0.1:9");
        assertThat(verify(quote, "--pccs", "http://example.org").exitCode()).isEqualTo(2);
    }

    @Test
    void whatIsNoEvidenceExitsWith2() throws IOException {
        Path letter = Files.writeString(folder.resolve("letter.txt"), "Dear verifier,\nplease trust me.\n");
        Path cut = Files.write(folder.resolve("cut.bin"), Arrays.copyOf(Files.readAllBytes(quote), 500));

        for (Path file : List.of(letter, cut)) {
            assertThat(verify(file).exitCode()).as(file.toString()).isEqualTo(2);
            assertThat(run("evidence", "show", file).exitCode()).as(file.toString()).isEqualTo(2);
        }
    }

    @Test
    void anExpectedClaimMustHaveItsValue() {
        String measurement = verify(quote).out().lines()
                .filter(line -> line.startsWith("  measurement")).findFirst().orElseThrow().replaceAll(".* ", "");

        assertThat(verify(quote, "--expect", "measurement=" + measurement).exitCode()).isZero();
        Outcome other = verify(quote, "--expect", "measurement=sha-256:" + "00".repeat(32), "--expect", "fmspc=000000000000");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.out()).contains("MEASUREMENT_MISMATCH").contains("CLAIM_MISMATCH  fmspc").contains(measurement);
        assertThat(verify(quote, "--expect", "no-such-claim=1").exitCode()).isEqualTo(1);
        // Each of two counts, and not the last alone.
        assertThat(verify(quote, "--expect", "platform=tdx", "--expect", "platform=sgx").exitCode()).isEqualTo(1);
    }

    @Test
    void aStatusIsAcceptedByNameAndItsAdvisoriesAreExplained() throws IOException {
        Path behind = Files.createDirectory(folder.resolve("behind"));
        int count = 0;
        for (Bytes each : INTEL.collateral()) {
            Files.write(behind.resolve("document-" + count++), each.toArray());
        }
        Bytes info = INTEL.tcbInfo(Tee.SGX, wish -> wish.evaluation(FakeIntel.EVALUATION + 1)
                .levels(List.of(new FakeIntel.Level(
                        FakeIntel.COMPONENTS, 1, Bytes.EMPTY, TcbStatus.OUT_OF_DATE, NOW.minusSeconds(86_400), List.of("INTEL-SA-00615")))));
        Files.write(behind.resolve("newer"), info.toArray());

        Outcome refused = run("verify", quote, "--root", "intel=" + root, "--endorsements", behind, "--at", "2026-06-01");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("TCB_STATUS_NOT_ACCEPTED").contains("INTEL-SA-00615");
        Outcome accepted = run(
                "verify", quote, "--root", "intel=" + root, "--endorsements", behind, "--at", "2026-06-01", "--accept-tcb", "OutOfDate");
        assertThat(accepted.exitCode()).as(accepted.out()).isZero();
        assertThat(accepted.out())
                .contains("trusted computing base: OutOfDate")
                .contains("Fixes for these are missing")
                .contains("https://www.intel.com/content/www/us/en/security-center/advisory/intel-sa-00615.html");
        assertThat(verify(quote, "--accept-tcb", "Fine").exitCode()).isEqualTo(2);
        assertThat(verify(quote, "--accept-tcb", "Revoked").exitCode()).isEqualTo(2);
    }

    @Test
    void anExpectationThatThisKindCannotMeetIsRefused() {
        assertThat(verify(quote, "--nonce", "0badc0de").out()).contains("NONCE_MISMATCH");
        assertThat(verify(quote, "--audience", "me").out()).contains("TOKEN_NOT_ACCEPTED");
    }

    @Test
    void optionsForFilesAreRefusedWithAnAddress() {
        Outcome wrong = run("verify", "127.0.0.1:1", "--anchor", root, "--measurement", "sha-256:" + "00".repeat(32), "--nonce", "00");

        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--nonce");
    }

    @Test
    void programsGetJson() throws IOException {
        JsonObject accepted = JsonParser.parseString(verify(quote, "--json").out()).getAsJsonObject();
        assertThat(accepted.get("verdict").getAsString()).isEqualTo("accepted");
        assertThat(accepted.getAsJsonObject("claims").get("platform").getAsString()).isEqualTo("sgx");
        assertThat(accepted.getAsJsonObject("claims").getAsJsonObject("details").get("tcb-status").getAsString()).isEqualTo("UpToDate");
        assertThat(accepted.getAsJsonArray("checks")).isNotEmpty();

        JsonObject undecided = JsonParser.parseString(
                run("verify", quote, "--root", "intel=" + root, "--at", "2026-06-01", "--json").out()).getAsJsonObject();
        assertThat(undecided.get("verdict").getAsString()).isEqualTo("undecided");
        assertThat(undecided.getAsJsonArray("reasons").get(0).getAsJsonObject().get("code").getAsString())
                .isEqualTo("ENDORSEMENT_MISSING");
    }

    @Test
    void everyFieldIsShownWithoutVerification() {
        Outcome shown = run("evidence", "show", quote);

        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out()).startsWith("not verified").contains("mrEnclave").contains("isvSvn").contains("qeReport");
    }

    @Test
    void partsAreJoinedToOneFileThatIsKnownByItsType() throws IOException {
        Path joined = folder.resolve("joined.cbor");
        Outcome done = run("evidence", "join", "--type", "snp-report", "report=" + quote, "-o", joined);
        assertThat(done.exitCode()).as(done.err()).isZero();
        // It is read as what its type says, and a quote is no SNP report.
        assertThat(verify(joined).exitCode()).isEqualTo(2);
        assertThat(run("evidence", "join", "--type", "x", "NOT A LABEL=" + quote, "-o", joined).exitCode()).isEqualTo(2);
        assertThat(run("evidence", "join", "--type", "x", "a=" + folder.resolve("missing"), "-o", joined).exitCode()).isEqualTo(1);
    }

    @Test
    void hostileTextInEvidenceDoesNotReachTheTerminal() throws IOException {
        Path escape = Files.writeString(folder.resolve("token.jwt"), "eyJhbGciOiJub25lIn0.eyJpc3MiOiIbWzJKIn0.\n");
        Outcome shown = run("evidence", "show", escape);
        Outcome verified = verify(escape);

        assertThat(shown.out() + shown.err() + verified.out() + verified.err()).doesNotContain("\u001b");
    }

    @Test
    void aWrongCommandLineSaysWhy() {
        for (Object[] more : new Object[][] {
            {"--root", "nobody=" + root}, {"--root", root}, {"--report-data", "zz"}, {"--nonce", ""}, {"--at", "yesterday"},
            {"--key", "intel=" + root}, {"--expect", "measurement"}, {"--refuse-product", "Rome"}, {"--least-snp-tcb", "boot=1"}, {"--least-snp-tcb", "snp=256"}, {"--least-snp-tcb", "snp"}, {"--report-data", ""}, {"--measurement", "sha-256:" + "00".repeat(32)},
        }) {
            Outcome wrong = verify(quote, more);
            assertThat(wrong.exitCode()).as(List.of(more).toString()).isEqualTo(2);
            assertThat(wrong.out()).isEmpty();
            assertThat(wrong.err()).isNotBlank();
        }
    }
}
