package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Samples;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

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
    private static final byte[] POOLED = pooled();
    private static final List<byte[]> POOL = List.of(POOLED, PEM.get(0), JSON.get(0), DER.get(0));
    private static final List<byte[]> KEYS = List.of(rsaKey(), Samples.KEEPER.getPublic().getEncoded());

    /** A certificate that signed itself, a revocation list, and keys. */
    private static final List<byte[]> CERTIFICATES = List.of(
            Base64.getDecoder().decode("MIIBdDCCARugAwIBAgIUfda/WMKXNrDpLThjfMRUZpxR2SEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEU2VlZDAgFw0yNjExMjcx"
                    + "MjU1NTBaGA8yMTI2MTEwMzEyNTU1MFowDzENMAsGA1UEAwwEU2VlZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFdoMH7UUHP8"
                    + "oVna1/rTwmde4nSq8k5EhTf9FV82jhFihzGtZ82A/zulvmRjWHPcqjOufnyRt0YNBp98zg5LVUCjUzBRMB0GA1UdDgQWBBTLQSIp"
                    + "loIP+hcREcpykD6EwlZKEDAfBgNVHSMEGDAWgBTLQSIploIP+hcREcpykD6EwlZKEDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49"
                    + "BAMCA0cAMEQCIFDrDwzDeE/GM1gsBhqaY6cUX8y1ucax5yBTrxDgaYK9AiB8jGvE2g0+hDPs+b++8SF0Jz+M1YjbBDN/Tj3Qh1nY"
                    + "VQ=="),
            HostileSizesTest.revocationList(3), KEYS.get(0), KEYS.get(1));
    private static final List<byte[]> PARTS = List.of(
            new EvidenceParts(EvidenceParts.TYPE_PREFIX + "x", Map.of("a", Bytes.fromHex("0102"), "b-1", Bytes.EMPTY)).toByteArray());

    private static byte[] pooled() {
        try {
            return EndorsementPool.of(List.of(Bytes.of(JSON.get(0)))).toByteArray();
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of 2048 bits, and always the same. */
    private static byte[] rsaKey() {
        BigInteger modulus = BigInteger.ONE.shiftLeft(2048).subtract(BigInteger.valueOf(1557));
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65_537))).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void derSurvivesHostileBytes() {
        assertThat(new Fuzzer(21, DER).run(30_000, input -> der(input, oid -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfDer() {
        assertThat(new Fuzzer(21, DER).run(30_000, input -> der(input, oid -> planted(!oid.equals("1.2.840.10045.4.3.2"))))).isPresent();
    }

    @Test
    void jsonSurvivesHostileBytes() {
        assertThat(new Fuzzer(22, JSON).run(30_000, input -> json(input, value -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfJson() {
        assertThat(new Fuzzer(21, JSON).run(30_000, input -> json(input, value ->
                planted(value instanceof JsonValue.Arr array && array.items().size() > 4)))).isPresent();
    }

    @Test
    void pemSurvivesHostileBytes() {
        assertThat(new Fuzzer(23, PEM).run(20_000, input -> pem(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfPem() {
        assertThat(new Fuzzer(23, PEM).run(30_000, input -> pem(input, found ->
                planted(found.getFirst().length() == 2)))).isPresent();
    }

    @Test
    void partsSurviveHostileBytes() {
        assertThat(new Fuzzer(24, PARTS).run(30_000, input -> parts(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfParts() {
        assertThat(new Fuzzer(24, PARTS).run(30_000, input -> parts(input, found ->
                planted(!found.parts().containsKey("a"))))).isPresent();
    }

    @Test
    void poolsSurviveHostileBytes() {
        assertThat(new Fuzzer(25, POOL).run(10_000, input -> pool(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfPools() {
        assertThat(new Fuzzer(25, POOL).run(30_000, input -> pool(input, found ->
                planted(found.find(new Need.EnclaveIdentity(Need.Tee.SGX)).documents().isEmpty())))).isPresent();
    }

    @Test
    void certificatesAndListsSurviveHostileBytes() {
        assertThat(new Fuzzer(26, CERTIFICATES).run(5_000, input -> certificate(input, found -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfKeys() {
        assertThat(new Fuzzer(26, CERTIFICATES).run(30_000, input -> certificate(input, found ->
                planted(KEYS.stream().noneMatch(key -> Arrays.equals(key, found.getEncoded())))))).isPresent();
    }

    @Test
    void fixedWidthFieldsSurviveHostileBytes() {
        assertThat(new Fuzzer(27, DER).run(20_000, input -> fields(input, number -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugInTheReaderOfFields() {
        assertThat(new Fuzzer(27, DER).run(20_000, input -> fields(input, number -> planted(number > Integer.MAX_VALUE)))).isPresent();
    }

    private static void planted(boolean reached) {
        if (reached) {
            throw new ArithmeticException("planted");
        }
    }

    @FieldSource("DER")
    @FuzzTest(maxDuration = "10m")
    void fuzzDer(byte[] data) {
        der(data, oid -> {});
    }

    @FieldSource("JSON")
    @FuzzTest(maxDuration = "10m")
    void fuzzJson(byte[] data) {
        json(data, value -> {});
    }

    @FieldSource("PEM")
    @FuzzTest(maxDuration = "10m")
    void fuzzPem(byte[] data) {
        pem(data, found -> {});
    }

    @FieldSource("PARTS")
    @FuzzTest(maxDuration = "10m")
    void fuzzParts(byte[] data) {
        parts(data, found -> {});
    }

    @FieldSource("POOL")
    @FuzzTest(maxDuration = "10m")
    void fuzzPool(byte[] data) {
        pool(data, found -> {});
    }

    @FieldSource("CERTIFICATES")
    @FuzzTest(maxDuration = "10m")
    void fuzzCertificate(byte[] data) {
        certificate(data, found -> {});
    }

    @FieldSource("DER")
    @FuzzTest(maxDuration = "10m")
    void fuzzFields(byte[] data) {
        fields(data, number -> {});
    }

    private static void der(byte[] input, Consumer<String> behind) {
        try {
            walk(new DerReader(input), 0);
        } catch (MalformedException e) {
            // As it should be.
        }
        String oid;
        try {
            oid = new DerReader(input).oid("oid");
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        assertThat(oid).matches("[0-2](\\.[0-9]+)+");
        behind.accept(oid);
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

    private static void json(byte[] input, Consumer<JsonValue> behind) {
        JsonValue value;
        try {
            value = JsonValue.parse("json", input);
            byte[] slice = Arrays.copyOfRange(input, value.start(), value.end());
            assertThat(JsonValue.parse("slice", slice).getClass()).isEqualTo(value.getClass());
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        behind.accept(value);
    }

    private static void pem(byte[] input, Consumer<List<Bytes>> behind) {
        List<Bytes> found;
        try {
            found = Certificates.ofPem("chain", input);
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        assertThat(found).isNotEmpty();
        assertThat(Certificates.looksLikePem(input) || input.length > 1024).isTrue();
        behind.accept(found);
    }

    private static void parts(byte[] input, Consumer<EvidenceParts> behind) {
        EvidenceParts parts;
        try {
            parts = EvidenceParts.parse(input);
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        assertThat(parts.toByteArray()).isEqualTo(input);
        assertThat(EvidenceParts.looksLike(input)).isTrue();
        behind.accept(parts);
    }

    private static void pool(byte[] input, Consumer<EndorsementPool> behind) {
        try {
            EndorsementPool.of(List.of(Bytes.of(input)));
        } catch (MalformedException e) {
            // As it should be.
        }
        EndorsementPool pool;
        try {
            pool = EndorsementPool.parse(input);
            assertThat(EndorsementPool.parse(pool.toByteArray()).toByteArray()).isEqualTo(pool.toByteArray());
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        behind.accept(pool);
    }

    private static void certificate(byte[] input, Consumer<PublicKey> behind) {
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
        PublicKey key;
        try {
            key = crypto.publicKey("key", Bytes.of(input));
        } catch (MalformedException e) {
            // As it should be.
            return;
        }
        behind.accept(key);
    }

    private static void fields(byte[] input, LongConsumer behind) {
        ByteReader reader = new ByteReader(input, input.length % 2 == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        try {
            while (reader.remaining() > 0) {
                switch (reader.u8("kind") & 7) {
                    case 0 -> reader.u16("n");
                    case 1 -> behind.accept(reader.u32("n"));
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
