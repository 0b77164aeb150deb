package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** The shared readers under hostile bytes: each answers with a value or a {@link MalformedException}, and nothing else. */
class ReadersFuzzTest {
    private static final List<byte[]> DER = List.of(
            HexFormat.of().parseHex("3008020105040301020302017f"), HexFormat.of().parseHex("06082a8648ce3d040302"),
            HexFormat.of().parseHex("308180" + "04817d" + "aa".repeat(0x7d)));
    private static final List<byte[]> JSON = List.of(
            "{\"a\" : [1, \"x\\n\\ud83d\\ude00\" ,true, null] ,\"b\":{\"c\":-1.5e3} }".getBytes(StandardCharsets.UTF_8),
            "[[[[\"ä\"]]], 0.25, false]".getBytes(StandardCharsets.UTF_8));
    private static final List<byte[]> PEM = List.of(
            "-----BEGIN CERTIFICATE-----\nAAECAwQFBgc=\n-----END CERTIFICATE-----\n\0".getBytes(StandardCharsets.US_ASCII),
            ("-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\r\n-----BEGIN CERTIFICATE-----\nAwQF\n-----END CERTIFICATE-----")
                    .getBytes(StandardCharsets.US_ASCII));
    private static final List<byte[]> PARTS = List.of(
            new EvidenceParts(EvidenceParts.TYPE_PREFIX + "x", Map.of("a", Bytes.fromHex("0102"), "b-1", Bytes.EMPTY)).toByteArray());

    @Test
    void derSurvivesHostileBytes() {
        assertThat(new Fuzzer(21, DER).run(30_000, ReadersFuzzTest::der)).isEmpty();
    }

    @Test
    void jsonSurvivesHostileBytes() {
        assertThat(new Fuzzer(22, JSON).run(30_000, ReadersFuzzTest::json)).isEmpty();
    }

    @Test
    void pemSurvivesHostileBytes() {
        assertThat(new Fuzzer(23, PEM).run(20_000, ReadersFuzzTest::pem)).isEmpty();
    }

    @Test
    void partsSurviveHostileBytes() {
        assertThat(new Fuzzer(24, PARTS).run(30_000, ReadersFuzzTest::parts)).isEmpty();
    }

    @Test
    void poolsSurviveHostileBytes() throws MalformedException {
        List<byte[]> seeds = List.of(EndorsementPool.of(List.of(Bytes.of(JSON.get(0)))).toByteArray(), PEM.get(0), JSON.get(0), DER.get(0));
        assertThat(new Fuzzer(25, seeds).run(10_000, ReadersFuzzTest::pool)).isEmpty();
    }

    @Test
    void certificatesAndListsSurviveHostileBytes() {
        assertThat(new Fuzzer(26, DER).run(5_000, ReadersFuzzTest::certificate)).isEmpty();
    }

    @Test
    void fixedWidthFieldsSurviveHostileBytes() {
        assertThat(new Fuzzer(27, DER).run(20_000, ReadersFuzzTest::fields)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(21, JSON).run(30_000, input -> {
            try {
                if (JsonValue.parse("json", input) instanceof JsonValue.Arr array && array.items().size() > 4) {
                    throw new ArithmeticException("planted");
                }
            } catch (MalformedException e) {
                // As it should be.
            }
        })).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        der(data);
        json(data);
        pem(data);
        parts(data);
        pool(data);
        certificate(data);
        fields(data);
    }

    private static void der(byte[] input) {
        try {
            walk(new DerReader(input), 0);
        } catch (MalformedException e) {
            // As it should be.
        }
        try {
            assertThat(new DerReader(input).oid("oid")).matches("[0-2](\\.[0-9]+)+");
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void walk(DerReader reader, int depth) throws MalformedException {
        while (!reader.atEnd()) {
            int tag = reader.peek();
            if ((tag & 0x20) != 0 && depth < 20) {
                walk(reader.enter("value", tag), depth + 1);
            } else if (tag == DerReader.INTEGER) {
                reader.integer("n", Long.MIN_VALUE, Long.MAX_VALUE);
            } else {
                reader.any("value");
            }
        }
        reader.end("all");
    }

    private static void json(byte[] input) {
        try {
            JsonValue value = JsonValue.parse("json", input);
            byte[] slice = Arrays.copyOfRange(input, value.start(), value.end());
            assertThat(JsonValue.parse("slice", slice).getClass()).isEqualTo(value.getClass());
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void pem(byte[] input) {
        try {
            assertThat(Certificates.ofPem("chain", input)).isNotEmpty();
            assertThat(Certificates.looksLikePem(input) || input.length > 1024).isTrue();
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void parts(byte[] input) {
        try {
            EvidenceParts parts = EvidenceParts.parse(input);
            assertThat(parts.toByteArray()).isEqualTo(input);
            assertThat(EvidenceParts.looksLike(input)).isTrue();
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void pool(byte[] input) {
        try {
            EndorsementPool pool = EndorsementPool.parse(input);
            assertThat(EndorsementPool.parse(pool.toByteArray()).toByteArray()).isEqualTo(pool.toByteArray());
        } catch (MalformedException e) {
            // As it should be.
        }
        try {
            EndorsementPool.of(List.of(Bytes.of(input)));
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void certificate(byte[] input) {
        Crypto crypto = new Crypto(Optional.empty(), 0);
        try {
            crypto.certificate("certificate", Bytes.of(input));
        } catch (MalformedException e) {
            // As it should be.
        }
        try {
            crypto.revocationList("list", Bytes.of(input));
        } catch (MalformedException e) {
            // As it should be.
        }
        try {
            crypto.publicKey("key", Bytes.of(input));
        } catch (MalformedException e) {
            // As it should be.
        }
    }

    private static void fields(byte[] input) {
        ByteReader reader = new ByteReader(input, input.length % 2 == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        try {
            while (reader.remaining() > 0) {
                switch (reader.u8("kind") & 7) {
                    case 0 -> reader.u16("n");
                    case 1 -> reader.u32("n");
                    case 2 -> reader.u64("n");
                    case 3 -> reader.bytes("b", reader.u8("length"));
                    case 4 -> reader.part("p", reader.count("length", 0, Integer.MAX_VALUE)).zeros("z", 1);
                    case 5 -> reader.zeros("z", reader.u8("length"));
                    default -> reader.end("all");
                }
            }
        } catch (MalformedException e) {
            assertThat(reader.offset()).isBetween(0, input.length);
        }
    }
}
