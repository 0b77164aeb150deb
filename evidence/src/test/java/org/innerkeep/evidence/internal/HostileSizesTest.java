package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

/** Bytes that are made to cost time or memory: each is refused, and soon. */
class HostileSizesTest {
    /** Far above what any of these takes, and far below what a quadratic reader would. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private static void refusedSoon(ThrowingSupplier<?> attempt) {
        assertTimeout(SOON, () -> assertThatExceptionOfType(MalformedException.class).isThrownBy(attempt::get));
    }

    private static Verdict verdictSoon(byte[] evidence) {
        return assertTimeout(SOON, () ->
                new Verifier().verify(evidence, Endorsements.none(), Instant.EPOCH, VerifierOptions.of()));
    }

    private static byte[] repeated(String hex, int times) {
        byte[] unit = HexFormat.of().parseHex(hex);
        byte[] all = new byte[unit.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(unit, 0, all, i * unit.length, unit.length);
        }
        return all;
    }

    @Test
    void evidenceAboveTheLimitIsNotParsed() {
        assertThat(verdictSoon(new byte[Verifier.MAX_EVIDENCE_BYTES + 1])).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void nestedEvidenceIsRefused() {
        for (String unit : List.of("81", "a100", "c0", "d9018f", "d9038b", "d2", "d1", "8444", "9f", "bf")) {
            byte[] evidence = repeated(unit, Verifier.MAX_EVIDENCE_BYTES / (unit.length() / 2));
            assertThat(verdictSoon(evidence)).as(unit).isInstanceOf(Verdict.Refused.class);
        }
    }

    @Test
    void countsThatNoBytesStandBehindAreRefused() {
        for (String head : List.of("9bffffffffffffffff", "9b7fffffffffffffff", "9affffffff", "bbffffffffffffffff", "ba7fffffff",
                "5bffffffffffffffff", "5a7fffffff", "7b7fffffffffffffff", "d9018fba7fffffff", "d2845a7fffffff", "845a7fffffff",
                "8443a10126a05a7fffffff", "d28443a10126a05a003fffff")) {
            byte[] bytes = HexFormat.of().parseHex(head);
            refusedSoon(() -> CborValue.parse("item", bytes, CborValue.Rules.ANY_HEADS));
            assertThat(verdictSoon(bytes)).as(head).isInstanceOf(Verdict.Refused.class);
        }
    }

    @Test
    void aMillionSmallItemsAreRefused() {
        byte[] numbers = Arrays.copyOf(HexFormat.of().parseHex("9a003ffff0"), Verifier.MAX_EVIDENCE_BYTES);
        refusedSoon(() -> CborValue.parse("item", numbers, CborValue.Rules.ANY_HEADS));
        byte[] maps = repeated("a0", 1 << 20);
        System.arraycopy(HexFormat.of().parseHex("9a000ffffb"), 0, maps, 0, 5);
        refusedSoon(() -> CborValue.parse("item", maps, CborValue.Rules.ANY_HEADS));
    }

    @Test
    void largePartsOfAMessageAreRefused() {
        byte[] payload = new CborWriter().tag(18).array(4).bytes(new byte[] {(byte) 0xa1, 1, 0x26}).map(0).bytes(new byte[1 << 20])
                .bytes(new byte[64]).toByteArray();
        refusedSoon(() -> CoseMessage.parse("message", payload, CborValue.Rules.SHORTEST, 1 << 16));
        byte[] header = new CborWriter().tag(18).array(4).bytes(new byte[] {(byte) 0xa1, 1, 0x26})
                .map(1).integer(33).bytes(new byte[1 << 20]).bytes(new byte[1]).bytes(new byte[64]).toByteArray();
        refusedSoon(() -> CoseMessage.parse("message", header, CborValue.Rules.SHORTEST, 1 << 16));
    }

    @Test
    void deepAndLongJsonIsRefused() {
        for (String unit : List.of("[", "{\"\":", "[[", "{\"a\":[")) {
            byte[] text = unit.repeat(JsonValue.MAX_BYTES / unit.length()).getBytes(StandardCharsets.US_ASCII);
            refusedSoon(() -> JsonValue.parse("json", text));
        }
        refusedSoon(() -> JsonValue.parse("json", " ".repeat(JsonValue.MAX_BYTES + 1).getBytes(StandardCharsets.US_ASCII)));
        refusedSoon(() -> JsonValue.parse("json", "9".repeat(JsonValue.MAX_BYTES).getBytes(StandardCharsets.US_ASCII)));
        refusedSoon(() -> JsonValue.parse("json", "1e999999999".getBytes(StandardCharsets.US_ASCII)));
        refusedSoon(() -> JsonValue.parse("json", ("\"" + "\\u0041".repeat(170_000)).getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void namesOfOneHashInAJsonObjectAreReadInTime() {
        // "Aa" and "BB" have one hash, and so has every text made of them.
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 1 << 14; i++) {
            text.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < 14; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            text.append("\":0");
        }
        byte[] bytes = text.append('}').toString().getBytes(StandardCharsets.US_ASCII);
        JsonValue.Obj object = assertTimeout(SOON, () -> JsonValue.object("json", bytes));
        assertThat(object.fields()).hasSize(1 << 14);
    }

    /** A TBSCertList of so many entries, in a list whose signature nobody has made. */
    static byte[] revocationList(int entries) {
        byte[] entry = HexFormat.of().parseHex("3020" + "020f" + "7f".repeat(15) + "170d" + "3236303130313030303030305a");
        ByteArrayOutputStream revoked = new ByteArrayOutputStream();
        for (int i = 0; i < entries; i++) {
            revoked.writeBytes(entry);
        }
        byte[] algorithm = HexFormat.of().parseHex("300a06082a8648ce3d040302");
        byte[] name = HexFormat.of().parseHex("300c310a3008060355040313" + "0141");
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.writeBytes(HexFormat.of().parseHex("020101"));
        list.writeBytes(algorithm);
        list.writeBytes(name);
        list.writeBytes(HexFormat.of().parseHex("170d3236303130313030303030305a170d3237303130313030303030305a"));
        list.writeBytes(der(0x30, revoked.toByteArray()));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(der(0x30, list.toByteArray()));
        whole.writeBytes(algorithm);
        whole.writeBytes(HexFormat.of().parseHex("0309003006020101020101"));
        return der(0x30, whole.toByteArray());
    }

    private static byte[] der(int tag, byte[] content) {
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.write(tag);
        byte[] length = Bytes.fromHex(String.format("%08x", content.length)).toArray();
        int skip = 0;
        while (skip < 3 && length[skip] == 0) {
            skip++;
        }
        if (content.length < 0x80) {
            der.write(content.length);
        } else {
            der.write(0x80 | 4 - skip);
            der.write(length, skip, 4 - skip);
        }
        der.writeBytes(content);
        return der.toByteArray();
    }

    @Test
    void aRevocationListOfAMillionEntriesIsRefused() {
        byte[] list = revocationList(1_000_000);
        assertThat(list.length).isGreaterThan(30_000_000);
        refusedSoon(() -> new Crypto(Optional.empty(), 16).revocationList("list", Bytes.of(list)));
        refusedSoon(() -> EndorsementPool.of(List.of(Bytes.of(list))));
    }

    @Test
    void theLongestRevocationListThatIsReadIsReadInTime() throws MalformedException {
        byte[] list = revocationList(30_000);
        assertThat(list.length).isBetween(1_000_000, Crypto.MAX_CRL_BYTES);
        Crypto crypto = new Crypto(Optional.empty(), 16);
        assertThat(assertTimeout(SOON, () -> crypto.revocationList("list", Bytes.of(list))).getRevokedCertificates()).isNotEmpty();
    }

    @Test
    void manyLargeThingsAreNotAllRemembered() throws MalformedException {
        // What is parsed of large endorsements takes megabytes each: a memory that counts things only would keep thousands.
        Crypto crypto = new Crypto(Optional.empty(), 4096);
        Object first = crypto.remember(Object.class, Bytes.of(new byte[1]), bytes -> new Object());
        assertThat(crypto.remember(Object.class, Bytes.of(new byte[1]), bytes -> new Object())).isSameAs(first);
        byte[] filler = new byte[1 << 20];
        for (int i = 0; i < 17; i++) {
            filler[0] = (byte) i;
            crypto.remember(Object.class, Bytes.of(filler), bytes -> new Object());
        }
        assertThat(crypto.remember(Object.class, Bytes.of(new byte[1]), bytes -> new Object())).isNotSameAs(first);
    }

    @Test
    void manyDocumentsAreRefusedByThePool() {
        refusedSoon(() -> EndorsementPool.of(Collections.nCopies(EndorsementPool.MAX_DOCUMENTS + 1, Bytes.of(new byte[] {1}))));
        refusedSoon(() -> EndorsementPool.of(Collections.nCopies(17, Bytes.of(new byte[1 << 20]))));
        byte[] announced = new CborWriter().array(1_000_000).toByteArray();
        refusedSoon(() -> EndorsementPool.parse(announced));
    }

    @Test
    void manyAnswersOfASourceAreCutOff() {
        List<Bytes> many = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            many.add(Bytes.of(new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        Endorsements source = need -> new Endorsements.Answer(many, List.of());
        Verification run = new Verification(source, Instant.EPOCH, VerifierOptions.of(), new Crypto(Optional.empty(), 0));
        assertThat(run.find(new Need.ChainOf("a GPU")).documents()).hasSize(256);
    }

    @Test
    void pemWithMegabytesOfZerosIsReadInTime() {
        String begin = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        byte[] pem = Arrays.copyOf(begin.getBytes(StandardCharsets.US_ASCII), 4 << 20);
        assertThat(assertTimeout(SOON, () -> Certificates.ofPem("chain", pem))).hasSize(1);
        pem[pem.length - 1] = 'x';
        refusedSoon(() -> Certificates.ofPem("chain", pem));
        String many = begin.repeat(Certificates.MAX_COUNT + 1);
        refusedSoon(() -> Certificates.ofPem("chain", many.getBytes(StandardCharsets.US_ASCII)));
        refusedSoon(() -> Certificates.ofPem("chain", "-----BEGIN CERTIFICATE-----".repeat(100_000).getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void manyPartsAndLongLabelsAreRefused() {
        CborWriter many = new CborWriter().map(1_000).text("__cmwc_t").text("t");
        for (int i = 0; i < 999; i++) {
            many.text(String.format("p%03d", i)).array(2).text("application/octet-stream").bytes(new byte[1]);
        }
        refusedSoon(() -> EvidenceParts.parse(many.toByteArray()));
        byte[] longLabel = new CborWriter().map(2).text("__cmwc_t").text("t").text("a".repeat(1 << 20)).toByteArray();
        refusedSoon(() -> EvidenceParts.parse(longLabel));
    }

    @Test
    void derLengthsThatNoBytesStandBehindAreRefused() {
        for (String hex : List.of("3084ffffffff", "30847fffffff", "308500ffffffff", "3080", "30820080", "04840fffffff")) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            refusedSoon(() -> new DerReader(bytes).content("value", bytes[0] & 0xff));
        }
        byte[] longOid = repeated("81", 1 << 20);
        refusedSoon(() -> new DerReader(der(0x06, longOid)).oid("oid"));
    }
}
