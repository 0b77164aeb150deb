package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.Test;

class EvidencePartsTest {
    private static final String TYPE = EvidenceParts.TYPE_PREFIX + "test";
    private static final String MEDIA = "application/octet-stream";

    private static void refused(Consumer<CborWriter> wish) {
        CborWriter writer = new CborWriter();
        wish.accept(writer);
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> EvidenceParts.parse(writer.toByteArray()));
    }

    @Test
    void whatIsWrittenIsWhatWasRead() throws MalformedException {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 300; i++) {
            Map<String, Bytes> parts = new TreeMap<>();
            for (int j = 0; j <= random.nextInt(8); j++) {
                byte[] bytes = new byte[random.nextInt(400)];
                random.nextBytes(bytes);
                parts.put((random.nextBoolean() ? "p-" : "9") + random.nextInt(1000), Bytes.of(bytes));
            }
            EvidenceParts written = new EvidenceParts(TYPE, parts);
            byte[] encoded = written.toByteArray();
            assertThat(EvidenceParts.looksLike(encoded)).isTrue();
            assertThat(EvidenceParts.parse(encoded)).isEqualTo(written);
            assertThat(EvidenceParts.parse(encoded).toByteArray()).isEqualTo(encoded);
        }
    }

    @Test
    void partsAreFoundByTheirLabel() throws MalformedException {
        EvidenceParts parts = new EvidenceParts(TYPE, Map.of("a", Bytes.fromHex("01")));
        assertThat(parts.find("a")).contains(Bytes.fromHex("01"));
        assertThat(parts.get("a")).isEqualTo(Bytes.fromHex("01"));
        assertThat(parts.find("b")).isEmpty();
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> parts.get("b"));
    }

    @Test
    void otherFormsAreRefused() {
        refused(writer -> writer.map(1).text("__cmwc_t").text(TYPE));
        refused(writer -> writer.map(2).text("__cmwc_t").text("").text("a").array(2).text(MEDIA).bytes(new byte[1]));
        refused(writer -> writer.map(2).text("a").array(2).text(MEDIA).bytes(new byte[1]).text("__cmwc_t").text(TYPE));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("a").array(2).text("text/plain").bytes(new byte[1]));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("a").array(3).text(MEDIA).bytes(new byte[1]).integer(1));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("a").array(2).text(MEDIA).text("x"));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("A").array(2).text(MEDIA).bytes(new byte[1]));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("").array(2).text(MEDIA).bytes(new byte[1]));
        refused(writer -> writer.map(2).text("__cmwc_t").text(TYPE).text("a").array(2).text(MEDIA).bytes(new byte[1]).nil());
        for (String second : List.of("a", "b", "0")) { // The same, or before the first.
            refused(writer -> writer.map(3).text("__cmwc_t").text(TYPE)
                    .text("b").array(2).text(MEDIA).bytes(new byte[1])
                    .text(second).array(2).text(MEDIA).bytes(new byte[1]));
        }
    }

    @Test
    void labelsAndCountsHaveBounds() {
        Bytes some = Bytes.fromHex("01");
        for (Map<String, Bytes> wrong : List.of(
                Map.<String, Bytes>of(), Map.of("", some), Map.of("A", some), Map.of("a b", some), Map.of("ä", some), Map.of("a".repeat(33), some))) {
            assertThatIllegalArgumentException().isThrownBy(() -> new EvidenceParts(TYPE, wrong));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new EvidenceParts("", Map.of("a", some)));
        assertThatIllegalArgumentException().isThrownBy(() -> new EvidenceParts("x".repeat(129), Map.of("a", some)));
        Map<String, Bytes> many = new TreeMap<>();
        for (int i = 0; i < 65; i++) {
            many.put("p" + i, some);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new EvidenceParts(TYPE, many));
        many.remove("p0");
        assertThat(new EvidenceParts(TYPE, many).parts()).hasSize(64);
    }

    @Test
    void otherEvidenceDoesNotLookLikeParts() {
        for (byte[] other : List.of(new byte[0], new byte[] {(byte) 0xa2}, Samples.signedReport(), new CborWriter().map(2).text("a").toByteArray(),
                new CborWriter().map(2).integer(1).integer(2).integer(3).integer(4).toByteArray(), "{}".getBytes(StandardCharsets.US_ASCII))) {
            assertThat(EvidenceParts.looksLike(other)).isFalse();
        }
    }
}
