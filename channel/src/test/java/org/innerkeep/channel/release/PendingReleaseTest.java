package org.innerkeep.channel.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.channel.release.Samples.ID;
import static org.innerkeep.channel.release.Samples.NOW;
import static org.innerkeep.channel.release.Samples.RANDOM;
import static org.innerkeep.channel.release.Samples.VAULT;
import static org.innerkeep.channel.release.Samples.VAULT_KEY;
import static org.innerkeep.channel.release.Samples.digest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.release.ReleaseRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ReportData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An enclave that asks a vault, and a host between them. */
class PendingReleaseTest {
    private final Identity identity = Identity.generate(RANDOM);
    private byte[] sealed;
    private FileKey fileKey;
    private PendingRelease pending;

    @BeforeEach
    void begin() throws Exception {
        sealed = Samples.sealed(identity);
        fileKey = Samples.fileKey(sealed, identity);
        pending = PendingRelease.begin(
                VAULT, Samples.challenge().toByteArray(), "patients", Samples.header(sealed), Optional.empty(), RANDOM);
    }

    @AfterEach
    void end() {
        pending.close();
        fileKey.close();
        identity.close();
    }

    private byte[] answer(ReleaseTerms terms) {
        return Samples.response(terms, pending.request().transportKey(), fileKey, VAULT_KEY).toByteArray();
    }

    private ReleaseTerms terms() {
        return Samples.terms(pending.request().digest());
    }

    private void assertRefused(byte[] response, long leastEpoch, Code code) {
        assertThatExceptionOfType(ReleaseRefusedException.class)
                .isThrownBy(() -> pending.accept(response, leastEpoch))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theResponseOfThePinnedVaultOpensTheFile() throws Exception {
        try (ReleasedKey key = pending.accept(answer(terms()), 2)) {
            assertThat(SealedFile.open(new ByteArrayInputStream(sealed), key.fileKey()).readAllBytes())
                    .isEqualTo("the patients".getBytes(UTF_8));
            assertThat(key.lease()).contains(Duration.ofMinutes(15));
            assertThat(key.terms()).isEqualTo(terms());
            assertThat(key.receipt()).isEqualTo(digest("receipt"));
        }
    }

    @Test
    void theReportDataIsOfTheRequestUnderALabelThatNoProgramCanHave() {
        byte[] request = pending.request().toByteArray();
        assertThat(pending.reportData()).isEqualTo(ReportData.of("innerkeep runtime: file key release v1", request));
        assertThat(pending.reportData()).isNotEqualTo(ReportData.ofProgram("file key release v1", request));
    }

    @Test
    void theCallIsReadAsItWasMade() throws Exception {
        ReleaseCall call = ReleaseCall.parse(pending.call(new byte[] {1, 2, 3}, List.of(digest("endorsement"))));
        assertThat(call.request()).isEqualTo(pending.request());
        assertThat(call.evidence()).isEqualTo(Bytes.of(new byte[] {1, 2, 3}));
        assertThat(call.endorsements()).containsExactly(digest("endorsement"));
    }

    @Test
    void aChallengeOfAnotherVaultOrNoneIsRefusedBeforeAnythingIsAsked() {
        Challenge other = new Challenge(digest("nonce"), digest("another vault"), NOW, Duration.ofMinutes(2));
        for (byte[] each : List.of(other.toByteArray(), new byte[0], new byte[300], "no".getBytes(UTF_8))) {
            assertThatExceptionOfType(ReleaseRefusedException.class)
                    .isThrownBy(() -> PendingRelease.begin(VAULT, each, "patients", Samples.header(sealed), Optional.empty(), RANDOM))
                    .satisfies(e -> assertThat(e.code()).isIn(Code.OTHER_VAULT, Code.MALFORMED));
        }
    }

    @Test
    void aResponseByAnotherKeyIsRefused() {
        byte[] forged = Samples.response(terms(), pending.request().transportKey(), fileKey, Samples.newKey()).toByteArray();
        assertRefused(forged, 1, Code.NOT_SIGNED);
    }

    @Test
    void aResponseToAnotherRequestIsRefused() {
        assertRefused(answer(Samples.terms(digest("another request"))), 1, Code.OTHER_REQUEST);
    }

    @Test
    void aVaultInAnEarlierLifeIsRefused() {
        assertRefused(answer(terms()), 3, Code.OLD_EPOCH);
    }

    @Test
    void aLeaseThatIsOverBeforeItBeginsIsRefused() {
        ReleaseTerms over = new ReleaseTerms(
                pending.request().digest(), ID, ID, NOW, Optional.of(NOW.minusSeconds(1)), OptionalLong.empty(), 1);
        assertRefused(answer(over), 1, Code.LEASE_OVER);
    }

    @Test
    void aFileKeyThatIsEncryptedToAnotherTransportKeyIsRefused() {
        try (TransportKey other = TransportKey.generate(RANDOM)) {
            assertRefused(Samples.response(terms(), other.publicKey(), fileKey, VAULT_KEY).toByteArray(), 1, Code.NOT_THE_KEY);
        }
    }

    @Test
    void aFileKeyOfAnotherFileIsRefused() throws Exception {
        try (FileKey other = Samples.fileKey(Samples.sealed(identity), identity)) {
            assertRefused(Samples.response(terms(), pending.request().transportKey(), other, VAULT_KEY).toByteArray(), 1,
                    Code.NOT_THE_KEY);
        }
    }

    @Test
    void aFileKeyIsNotDecryptedUnderOtherTermsThanItWasEncryptedFor() {
        try (TransportKey transport = TransportKey.generate(RANDOM)) {
            ReleaseTerms made = Samples.terms(digest("request"));
            TransportKey.Encrypted encrypted = TransportKey.encrypt(transport.publicKey(), made.info(), fileKey, RANDOM);
            assertThat(transport.decrypt(made.info(), encrypted)).isPresent();
            for (ReleaseTerms other : List.of(
                    new ReleaseTerms(digest("other"), ID, ID, NOW, made.leaseUntil(), made.usesLeft(), 2),
                    new ReleaseTerms(made.request(), "f".repeat(32), ID, NOW, made.leaseUntil(), made.usesLeft(), 2),
                    new ReleaseTerms(made.request(), ID, "f".repeat(32), NOW, made.leaseUntil(), made.usesLeft(), 2),
                    new ReleaseTerms(made.request(), ID, ID, NOW.plusSeconds(1), made.leaseUntil(), made.usesLeft(), 2),
                    new ReleaseTerms(made.request(), ID, ID, NOW, Optional.empty(), made.usesLeft(), 2),
                    new ReleaseTerms(made.request(), ID, ID, NOW, made.leaseUntil(), OptionalLong.empty(), 2),
                    new ReleaseTerms(made.request(), ID, ID, NOW, made.leaseUntil(), made.usesLeft(), 3))) {
                assertThat(transport.decrypt(other.info(), encrypted)).as(other.toString()).isEmpty();
            }
        }
    }

    @Test
    void onceItIsClosedNothingIsAccepted() {
        byte[] response = answer(terms());
        pending.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> pending.accept(response, 1));
    }

    @Test
    void aTransportKeyThatIsNoneIsNotUsable() {
        assertThat(TransportKey.usable(pending.request().transportKey())).isTrue();
        assertThat(TransportKey.usable(Bytes.of(new byte[TransportKey.PUBLIC_KEY_LENGTH]))).as("of low order").isFalse();
        byte[] notReduced = pending.request().transportKey().toArray();
        Arrays.fill(notReduced, 0, 96, (byte) 0xff);
        assertThat(TransportKey.usable(Bytes.of(notReduced))).isFalse();
        assertThat(TransportKey.usable(Bytes.EMPTY)).isFalse();
    }

    @Test
    void aHeaderIsReadOutOfAFileAndNoFurther() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(sealed);
        Bytes header = SealedFile.header(in);
        assertThat(in.available()).isEqualTo(sealed.length - header.length());
        assertThat(Arrays.copyOf(sealed, header.length())).isEqualTo(header.toArray());
        SealedFile.checkHeader(new ByteArrayInputStream(sealed), fileKey);
        try (FileKey other = FileKey.fromSecretBytes(new byte[FileKey.LENGTH])) {
            assertThatExceptionOfType(SealedFileException.class)
                    .isThrownBy(() -> SealedFile.checkHeader(new ByteArrayInputStream(sealed), other));
        }
    }

    @Test
    void theKeyOfAVaultHasOneText() {
        assertThat(VaultAnchor.parse(VAULT.toString())).isEqualTo(VAULT);
        for (String each : List.of("", "vault-key:", "vault-key:AA", VAULT + "=", "keeper-key:" + VAULT.toString().substring(10))) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> VaultAnchor.parse(each));
        }
    }
}
