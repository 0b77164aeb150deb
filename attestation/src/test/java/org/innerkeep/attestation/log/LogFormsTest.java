package org.innerkeep.attestation.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Leaves, heads and receipts: their bytes, and what is refused. */
class LogFormsTest {
    static final Instant TIME = Instant.ofEpochMilli(1_780_000_000_123L);
    static final LogKey KEY = LogKey.generate();
    static final Bytes DIGEST = Bytes.sha256();
    static final LogEntry ENTRY =
            new LogEntry(0, TIME, LogEntry.DECISION, "SevSnpVm permitted", Map.of("record", DIGEST, "evidence", DIGEST, "token", DIGEST));

    /** A log of one leaf: the root is the leaf's hash, and the path is empty. */
    static Receipt receipt() {
        LogHead head = new LogHead(1, MerkleTree.leafHash(ENTRY.toByteArray()), TIME);
        return new Receipt(ENTRY, List.of(), KEY.sign(head));
    }

    @Test
    void leafKeepsItsWireForm() {
        assertThat(HexFormat.of().formatHex(ENTRY.toByteArray()))
                .isEqualTo("a5" + "0100" + "021b0000019e7044887b" + "0368" + hex("decision")
                        + "0472" + hex("SevSnpVm permitted")
                        + "05a3" + "65" + hex("token") + "5820" + DIGEST.hex()
                        + "66" + hex("record") + "5820" + DIGEST.hex()
                        + "68" + hex("evidence") + "5820" + DIGEST.hex());
    }

    @Test
    void leafIsReadAsItWasWritten() throws MalformedException {
        LogEntry read = LogEntry.parse(ENTRY.toByteArray());

        assertThat(read).isEqualTo(ENTRY);
        assertThat(read.digest("token")).contains(DIGEST);
        assertThat(read.digest("policy")).isEmpty();
        assertThat(read.toString()).isEqualTo("0 2026-05-28T20:26:40.123Z decision SevSnpVm permitted token=e3b0c44298fc1c14…"
                + " record=e3b0c44298fc1c14… evidence=e3b0c44298fc1c14…");
    }

    static Stream<Arguments> badLeaves() {
        byte[] good = ENTRY.toByteArray();
        String text = HexFormat.of().formatHex(good);
        return Stream.of(
                Arguments.of("bytes behind it", Arrays.copyOf(good, good.length + 1)),
                Arguments.of("cut short", Arrays.copyOf(good, good.length - 1)),
                Arguments.of("too long", new byte[LogEntry.MAX_BYTES + 1]),
                Arguments.of("negative sequence", hexBytes(text.replaceFirst("^a50100", "a50120"))),
                Arguments.of("kind with a capital", hexBytes(text.replace(hex("decision"), hex("Decision")))),
                Arguments.of("subject with a line break", hexBytes(text.replace(hex("Vm permitted"), hex("Vm\npermitted")))),
                Arguments.of("digests out of order", hexBytes(text.replace(hex("token"), hex("zoken")).replace(
                        "66" + hex("record"), "65" + hex("recor")))),
                Arguments.of("a digest twice", hexBytes(text.replace("66" + hex("record"), "65" + hex("token")))),
                Arguments.of("sequence beyond 2^53", hexBytes(text.replaceFirst("^a50100", "a5011b0020000000000000"))));
    }

    @ParameterizedTest
    @MethodSource("badLeaves")
    void leafIsRefused(String what, byte[] leaf) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> LogEntry.parse(leaf));
    }

    @Test
    void leafCannotBeMadeOutOfBounds() {
        Map<String, Bytes> none = Map.of();
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new LogEntry(-1, TIME, "kind", "", none));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new LogEntry(0, TIME, "", "", none));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new LogEntry(0, TIME, "kind", "caf\u00e9", none));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new LogEntry(0, Instant.EPOCH.minusMillis(1), "kind", "", none));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new LogEntry(0, TIME, "kind", "", Map.of("short", Bytes.EMPTY)));
    }

    @Test
    void largestLeafFitsItsBound() throws MalformedException {
        Map<String, Bytes> digests = new HashMap<>();
        for (char c = 'a'; digests.size() < LogEntry.MAX_DIGESTS; c++) {
            digests.put(String.valueOf(c).repeat(32), DIGEST);
        }
        LogEntry largest = new LogEntry(LogEntry.MAX_SEQUENCE, TIME, "k".repeat(32), "s".repeat(128), digests);

        assertThat(LogEntry.parse(largest.toByteArray())).isEqualTo(largest);
    }

    @Test
    void headKeepsItsWireForm() {
        assertThat(HexFormat.of().formatHex(new LogHead(1000, DIGEST, TIME).encode()))
                .isEqualTo("a4" + "061a6a18a500" + "190109" + "7821" + hex("tag:innerkeep.org,2026:log-head/1")
                        + "3a00010298" + "1903e8" + "3a00010299" + "5820" + DIGEST.hex());
    }

    @Test
    void headIsSignedByTheLogAndNoOther() throws MalformedException {
        LogHead.Signed signed = LogHead.parse(KEY.sign(new LogHead(7, DIGEST, TIME)).toByteArray());

        assertThat(signed.head()).isEqualTo(new LogHead(7, DIGEST, TIME));
        assertThat(signed.logId()).isEqualTo(KEY.anchor().id());
        assertThat(signed.signedBy(KEY.anchor())).isTrue();
        assertThat(signed.signedBy(LogKey.generate().anchor())).isFalse();
    }

    @Test
    void headWithAnotherSizeIsNotSigned() throws MalformedException {
        CoseSign1 good = CoseSign1.parse(KEY.sign(new LogHead(7, DIGEST, TIME)).toByteArray());
        CoseSign1 other = new CoseSign1(
                good.protectedHeader(),
                good.unprotectedHeader(),
                Bytes.of(new LogHead(8, DIGEST, TIME).encode()),
                good.signature());

        assertThat(LogHead.parse(other.toByteArray()).signedBy(KEY.anchor())).isFalse();
    }

    @Test
    void headInAnotherEnvelopeIsRefused() {
        LogHead head = new LogHead(7, DIGEST, TIME);
        CoseSign1 good = envelope(head);
        for (CoseSign1 bad : List.of(
                new CoseSign1(CoseSign1.ES256, CoseHeader.EMPTY, good.payload(), good.signature()),
                new CoseSign1(CoseSign1.ES256.withKeyId(Bytes.of(new byte[31])), CoseHeader.EMPTY, good.payload(), good.signature()),
                new CoseSign1(CoseSign1.ES256, CoseHeader.EMPTY.withKeyId(KEY.anchor().id()), good.payload(), good.signature()),
                new CoseSign1(good.protectedHeader(), CoseHeader.EMPTY.withEvidence(DIGEST), good.payload(), good.signature()),
                new CoseSign1(good.protectedHeader(), CoseHeader.EMPTY, Bytes.of(new CborWriter().map(0).toByteArray()), good.signature()))) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> LogHead.parse(bad.toByteArray()));
        }
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> LogHead.parse(new byte[LogHead.MAX_SIGNED_BYTES + 1]));
    }

    private static CoseSign1 envelope(LogHead head) {
        try {
            return CoseSign1.parse(KEY.sign(head).toByteArray());
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void receiptIsReadAsItWasWritten() throws MalformedException {
        byte[] bytes = receipt().toByteArray();
        Receipt read = Receipt.parse(bytes);

        assertThat(read.toByteArray()).isEqualTo(bytes);
        assertThat(read.entry()).isEqualTo(ENTRY);
        assertThat(new LogVerifier(KEY.anchor()).verify(read).intact()).isTrue();
    }

    @Test
    void receiptForALeafBeyondItsHeadIsRefused() {
        LogEntry beyond = new LogEntry(1, TIME, LogEntry.DECISION, "", Map.of());
        byte[] bytes = new CborWriter()
                .array(4).text(Receipt.PROFILE)
                .bytes(beyond.toByteArray())
                .array(0)
                .bytes(receipt().head().toByteArray())
                .toByteArray();

        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Receipt.parse(bytes)).withMessageContaining("beyond");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Receipt(beyond, List.of(), receipt().head()));
    }

    @Test
    void receiptOfAnotherFormIsRefused() {
        byte[] good = receipt().toByteArray();
        byte[] otherProfile = hexBytes(HexFormat.of().formatHex(good).replace(hex("log-receipt/1"), hex("log-receipt/2")));
        for (byte[] bad : List.of(
                otherProfile, Arrays.copyOf(good, good.length + 1), Arrays.copyOf(good, good.length - 1), new byte[Receipt.MAX_BYTES + 1])) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Receipt.parse(bad));
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    private static byte[] hexBytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
