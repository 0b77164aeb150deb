package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StatementTest {
    private static final KeyPair KEY = Samples.newKey("secp256r1");
    private static final P256PublicKey PUBLIC = P256PublicKey.of(KEY.getPublic());
    private static final Bytes CONTENT = Bytes.of("content".getBytes(StandardCharsets.UTF_8));
    private static final Statement.Unsigned UNSIGNED = new Statement.Unsigned("hospital result", CONTENT);
    private static final Bytes EVIDENCE = Bytes.of(new byte[] {1});

    @Test
    void keepsItsWireForm() {
        assertThat(HexFormat.of().formatHex(UNSIGNED.payload()))
                .isEqualTo("a3" + "190109" + "7822" + hex("tag:innerkeep.org,2026:statement/1")
                        + "3a00010234" + "6f" + hex("hospital result")
                        + "3a00010235" + "47" + hex("content"));
    }

    @Test
    void readsWhatItSigned() throws MalformedException {
        byte[] bytes = Samples.statement(KEY, UNSIGNED);
        Statement statement = Statement.parse(bytes);

        assertThat(statement.purpose()).isEqualTo("hospital result");
        assertThat(statement.content()).isEqualTo(CONTENT);
        assertThat(statement.publicKey().toArray()).isEqualTo(KEY.getPublic().getEncoded());
        assertThat(statement.signatureValid()).isTrue();
        assertThat(statement.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void evidenceIsBoundToKeyAndPayload() throws MalformedException {
        Statement statement = Statement.parse(Samples.statement(KEY, UNSIGNED));
        Verdict verdict = Verifier.verify(statement.evidence().toArray(), List.of(Samples.ANCHOR), Samples.NOW);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> assertThat(
                        accepted.claims().reportData().toArray())
                .isEqualTo(statement.expectedReportData())
                .isEqualTo(ReportData.of(
                        ReportData.STATEMENT, KEY.getPublic().getEncoded(), UNSIGNED.payload())));
    }

    @Test
    void expectsOtherReportDataForOtherKeyPurposeOrContent() {
        assertThat(Stream.of(
                                UNSIGNED.reportData(KEY.getPublic()),
                                UNSIGNED.reportData(Samples.KEEPER.getPublic()),
                                new Statement.Unsigned("other", CONTENT).reportData(KEY.getPublic()),
                                new Statement.Unsigned("hospital result", Bytes.EMPTY).reportData(KEY.getPublic()))
                        .map(Bytes::of))
                .doesNotHaveDuplicates();
    }

    @Test
    void signatureIsInvalidAfterAnyChangeOfPayloadOrKey() throws MalformedException {
        CoseSign1 good = CoseSign1.parse(Samples.statement(KEY, UNSIGNED));
        CoseSign1 otherContent = new CoseSign1(
                good.protectedHeader(),
                good.unprotectedHeader(),
                Bytes.of(new Statement.Unsigned("hospital result", EVIDENCE).payload()),
                good.signature());
        CoseSign1 otherKey = new CoseSign1(
                CoseSign1.ES256.withSignerKey(Samples.ANCHOR.key()),
                good.unprotectedHeader(),
                good.payload(),
                good.signature());

        assertThat(Statement.parse(otherContent.toByteArray()).signatureValid()).isFalse();
        assertThat(Statement.parse(otherKey.toByteArray()).signatureValid()).isFalse();
    }

    /** Whoever exchanges the evidence is caught by its report data, not by this signature. */
    @Test
    void exchangedEvidenceDoesNotCarryTheExpectedReportData() throws MalformedException {
        Statement swapped = Statement.parse(UNSIGNED.sign(KEY.getPrivate(), KEY.getPublic(), Samples.signedReport()));

        assertThat(swapped.signatureValid()).isTrue();
        assertThat(Samples.report().reportData().toArray()).isNotEqualTo(swapped.expectedReportData());
    }

    @Test
    void carriesTheMostContent() throws MalformedException {
        Bytes most = Bytes.of(new byte[Statement.MAX_CONTENT_BYTES]);
        String purpose = "p".repeat(Statement.MAX_PURPOSE_LENGTH);
        Statement statement = Statement.parse(Samples.statement(KEY, new Statement.Unsigned(purpose, most)));

        assertThat(statement.content()).isEqualTo(most);
        assertThat(statement.purpose()).isEqualTo(purpose);
    }

    @Test
    void cannotBeMadeOutOfBounds() {
        for (String purpose : List.of("", "p".repeat(129), "line\nbreak", "caf\u00e9", "\u0000", "\u007f", "\ud800")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new Statement.Unsigned(purpose, CONTENT));
        }
        Bytes tooMuch = Bytes.of(new byte[Statement.MAX_CONTENT_BYTES + 1]);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Statement.Unsigned("purpose", tooMuch));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> UNSIGNED.sign(KEY.getPrivate(), KEY.getPublic(), new byte[0]));
    }

    static Stream<Arguments> badForms() {
        CoseHeader header = CoseSign1.ES256.withSignerKey(PUBLIC);
        CoseHeader evidence = CoseHeader.EMPTY.withEvidence(EVIDENCE);
        byte[] good = UNSIGNED.payload();
        return Stream.of(
                Arguments.of("no signer's key", CoseSign1.ES256, evidence, good),
                Arguments.of("no evidence", header, CoseHeader.EMPTY, good),
                Arguments.of("a key id as well", header.withKeyId(EVIDENCE), evidence, good),
                Arguments.of("an unprotected key id as well", header, evidence.withKeyId(EVIDENCE), good),
                Arguments.of("another profile", header, evidence, payload("tag:innerkeep.org,2026:statement/2", "purpose")),
                Arguments.of("empty purpose", header, evidence, payload(Statement.PROFILE, "")),
                Arguments.of("purpose too long", header, evidence, payload(Statement.PROFILE, "p".repeat(129))),
                Arguments.of("purpose with a line break", header, evidence, payload(Statement.PROFILE, "a\nb")),
                Arguments.of("purpose with a look-alike letter", header, evidence, payload(Statement.PROFILE, "p\u0430y")),
                Arguments.of("bytes behind the claims", header, evidence, Arrays.copyOf(good, good.length + 1)));
    }

    @ParameterizedTest
    @MethodSource("badForms")
    void refusesForm(String what, CoseHeader protectedHeader, CoseHeader unprotectedHeader, byte[] payload) {
        byte[] signed = CoseSign1.sign(
                        protectedHeader, unprotectedHeader, Bytes.of(payload), Bytes.EMPTY, KEY.getPrivate())
                .toByteArray();

        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Statement.parse(signed));
    }

    @Test
    void acceptsTheFormThatTheBadOnesDifferFrom() throws MalformedException {
        byte[] signed = CoseSign1.sign(
                        CoseSign1.ES256.withSignerKey(PUBLIC),
                        CoseHeader.EMPTY.withEvidence(EVIDENCE),
                        Bytes.of(payload(Statement.PROFILE, "purpose")),
                        Bytes.EMPTY,
                        KEY.getPrivate())
                .toByteArray();

        assertThat(Statement.parse(signed).signatureValid()).isTrue();
    }

    @Test
    void refusesAKeyThatIsNotOnTheCurve() {
        byte[] good = Samples.statement(KEY, UNSIGNED);
        String hex = HexFormat.of().formatHex(good);
        byte[] offCurve = KEY.getPublic().getEncoded();
        offCurve[90] ^= 1;
        byte[] bad = HexFormat.of()
                .parseHex(hex.replace(PUBLIC.spki().hex(), HexFormat.of().formatHex(offCurve)));

        assertThat(bad).isNotEqualTo(good);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Statement.parse(bad))
                .withMessageContaining("point on P-256");
    }

    private static byte[] payload(String profile, String purpose) {
        return new CborWriter()
                .map(3)
                .integer(Eat.PROFILE).text(profile)
                .integer(Statement.CLAIM_PURPOSE).text(purpose)
                .integer(Statement.CLAIM_CONTENT).bytes(new byte[1])
                .toByteArray();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
