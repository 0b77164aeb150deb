package org.innerkeep.evidence.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The readers that the verifiers of several kinds share: fixed-width fields, DER, JSON and PEM. */
class ReadersTest {
    private interface Attempt {
        Object get() throws MalformedException;
    }

    private static void refused(Attempt attempt) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(attempt::get);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    // Fixed-width fields.

    @Test
    void readsNumbersInBothOrders() throws MalformedException {
        byte[] bytes = hex("0102030405060708090a0b0c0d0e0f");
        ByteReader big = new ByteReader(bytes, ByteOrder.BIG_ENDIAN);
        assertThat(List.of((long) big.u8("a"), (long) big.u16("b"), big.u32("c"), big.u64("d")))
                .containsExactly(1L, 0x0203L, 0x04050607L, 0x08090a0b0c0d0e0fL);
        big.end("all");
        ByteReader little = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
        assertThat(List.of((long) little.u8("a"), (long) little.u16("b"), little.u32("c"), little.u64("d")))
                .containsExactly(1L, 0x0302L, 0x07060504L, 0x0f0e0d0c0b0a0908L);
    }

    @Test
    void numbersAreUnsignedWhereTheyFit() throws MalformedException {
        ByteReader reader = new ByteReader(hex("ffffffffffffffffffffffffffffff"), ByteOrder.LITTLE_ENDIAN);
        assertThat(List.of((long) reader.u8("a"), (long) reader.u16("b"), reader.u32("c"), reader.u64("d")))
                .containsExactly(0xffL, 0xffffL, 0xffffffffL, -1L);
    }

    @Test
    void whatIsWrittenIsWhatWasRead() throws MalformedException {
        SplittableRandom random = new SplittableRandom(5);
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (int i = 0; i < 1000; i++) {
                byte[] bytes = new byte[25];
                random.nextBytes(bytes);
                ByteReader reader = new ByteReader(bytes, order);
                ByteWriter writer = new ByteWriter(order).u8(reader.u8("a")).u16(reader.u16("b")).u32(reader.u32("c"))
                        .u64(reader.u64("d")).bytes(reader.bytes("e", 10));
                assertThat(writer.toByteArray()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void noReadGoesPastTheEnd() {
        for (int length = 0; length < 8; length++) {
            ByteReader reader = new ByteReader(new byte[20], 3, length, ByteOrder.BIG_ENDIAN);
            refused(() -> reader.u64("n"));
            int more = length + 1;
            refused(() -> reader.bytes("b", more));
            refused(() -> reader.part("p", more));
            refused(() -> {
                reader.zeros("z", more);
                return "";
            });
            refused(() -> reader.bytes("b", -1));
            refused(() -> reader.bytes("b", Integer.MAX_VALUE));
            assertThat(reader.offset()).isEqualTo(3);
            assertThat(reader.remaining()).isEqualTo(length);
        }
    }

    @Test
    void partsAreReadForThemselves() throws MalformedException {
        ByteReader reader = new ByteReader(hex("010203040506"), ByteOrder.LITTLE_ENDIAN);
        ByteReader part = reader.part("part", 4);
        assertThat(reader.remaining()).isEqualTo(2);
        assertThat(part.u32("n")).isEqualTo(0x04030201L);
        part.end("part");
        refused(() -> part.u8("n"));
        refused(() -> {
            reader.end("all");
            return "";
        });
    }

    @Test
    void reservedBytesAndCountsAreChecked() throws MalformedException {
        ByteReader reader = new ByteReader(hex("000001"), ByteOrder.BIG_ENDIAN);
        reader.zeros("reserved", 2);
        refused(() -> {
            reader.zeros("reserved", 1);
            return "";
        });
        assertThat(new ByteReader(hex("00000005"), ByteOrder.BIG_ENDIAN).count("n", 0, 5)).isEqualTo(5);
        refused(() -> new ByteReader(hex("00000006"), ByteOrder.BIG_ENDIAN).count("n", 0, 5));
        refused(() -> new ByteReader(hex("ffffffff"), ByteOrder.BIG_ENDIAN).count("n", 0, Integer.MAX_VALUE));
    }

    @Test
    void aPartOfAnArrayThatIsNoneIsAProgrammingError() {
        for (int[] wrong : new int[][] {{-1, 1}, {0, 4}, {3, 1}, {0, -1}, {Integer.MAX_VALUE, 1}}) {
            assertThatThrownBy(() -> new ByteReader(new byte[3], wrong[0], wrong[1], ByteOrder.BIG_ENDIAN))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    // DER.

    @ParameterizedTest
    @CsvSource({"020100,0", "02017f,127", "020180,-128", "02020080,128", "0202ff7f,-129", "02087fffffffffffffff,9223372036854775807"})
    void readsWholeNumbers(String der, long value) throws MalformedException {
        assertThat(new DerReader(hex(der)).integer("n", Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(value);
        refused(() -> new DerReader(hex(der)).integer("n", value == 0 ? 1 : 0, value == 0 ? 1 : 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0200", "02020001", "0202ff80", "0209008000000000000000", "030100", "0201", "02810100", "02", "", "1f0100"})
    void refusesNumbersThatAreNone(String der) {
        refused(() -> new DerReader(hex(der)).integer("n", Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource({
        "06082a8648ce3d040302,1.2.840.10045.4.3.2", "0603551d0f,2.5.29.15", "06032a0304,1.2.3.4", "060100,0.0", "06012f,1.7",
        "0603883703,2.999.3", "060a2a864886f84d010d0102,1.2.840.113741.1.13.1.2"
    })
    void readsObjectIdentifiers(String der, String dotted) throws MalformedException {
        assertThat(new DerReader(hex(der)).oid("oid")).isEqualTo(dotted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0600", "060180", "06022a80", "06032a8001", "060c2affffffffffffffffffff7f", "0602558051"})
    void refusesObjectIdentifiersThatAreNone(String der) {
        refused(() -> new DerReader(hex(der)).oid("oid"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "30800000", "308100", "30817f" + "00", "30820080", "3083000080", "30850000000001ff", "30ff", "3002ff", "30840000000000"
    })
    void refusesLengthsThatAreNotDer(String der) {
        refused(() -> new DerReader(hex(der)).enter("value", DerReader.SEQUENCE));
    }

    @Test
    void readsWhatIsInside() throws MalformedException {
        DerReader outer = new DerReader(hex("3008020105040301020302017f"));
        DerReader inner = outer.enter("sequence", DerReader.SEQUENCE);
        assertThat(inner.peek()).isEqualTo(DerReader.INTEGER);
        assertThat(inner.any("first")).isEqualTo(Bytes.fromHex("020105"));
        assertThat(inner.content("second", DerReader.OCTET_STRING)).isEqualTo(new byte[] {1, 2, 3});
        assertThat(inner.atEnd()).isTrue();
        assertThat(inner.peek()).isEqualTo(-1);
        refused(() -> inner.any("third"));
        assertThat(outer.atEnd()).isFalse();
        refused(() -> {
            outer.end("all");
            return "";
        });
        assertThat(outer.integer("after", 0, 200)).isEqualTo(127);
        outer.end("all");
    }

    @Test
    void longLengthsAreReadInTheirShortestForm() throws MalformedException {
        for (int length : new int[] {0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000}) {
            String head = length < 0x80 ? "" : length < 0x100 ? "81" : length < 0x10000 ? "82" : "83";
            byte[] bytes = hex("04" + head + String.format(length < 0x100 ? "%02x" : length < 0x10000 ? "%04x" : "%06x", length)
                    + "aa".repeat(length));
            assertThat(new DerReader(bytes).content("value", DerReader.OCTET_STRING)).hasSize(length);
        }
    }

    // JSON.

    private static JsonValue json(String text) throws MalformedException {
        return JsonValue.parse("json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void knowsTheBytesOfEveryValue() throws MalformedException {
        String text = " {\"ä\" : [1, \"x\\n\" ,true] ,\"b\":{ } } ";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonValue.Obj object = JsonValue.object("json", bytes);
        JsonValue.Arr array = (JsonValue.Arr) object.get("ä");
        for (JsonValue each : List.of(object, array, array.items().get(0), array.items().get(1), array.items().get(2), object.get("b"))) {
            String slice = new String(bytes, each.start(), each.end() - each.start(), StandardCharsets.UTF_8);
            assertThat(json(slice).getClass()).isEqualTo(each.getClass());
            assertThat(slice).isEqualTo(slice.strip());
        }
        assertThat(((JsonValue.Text) array.items().get(1)).value()).isEqualTo("x\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "[1 2]", "1 2", "{}{}",
        "tru", "True", "nul", "nulll", "undefined", "NaN", "Infinity", "-", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "0x10", "1_000",
        "1e1000", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\u0001\"", "\"a\nb\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\udc00\\ud800\"", "\"\\ud800x\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "\ufeff{}", "/*x*/1", "1//x",
        "12345678901234567890123456789012345678901"
    })
    void refusesWhatIsNotStrictJson(String text) {
        refused(() -> json(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0", "-0", "1.5e3", "1E-9", "1e999", "true", "false", "null", "\"\"", "\"\\ud83d\\ude00\"", "\"\\/\\b\\f\\t\"", "[]", "{}", "\t[\r\n]",
        "[[[[]]]]", "{\"\":0}"
    })
    void readsWhatIs(String text) throws MalformedException {
        assertThat(json(text)).isNotNull();
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() {
        for (String hex : List.of("22ff22", "22c328" + "22", "22eda08022", "22c0af22", "22f8888080" + "22", "22e28222")) {
            refused(() -> JsonValue.parse("json", hex(hex)));
        }
    }

    @Test
    void depthIsBoundedExactly() throws MalformedException {
        String most = "[".repeat(JsonValue.MAX_DEPTH) + "0" + "]".repeat(JsonValue.MAX_DEPTH);
        assertThat(json(most)).isNotNull();
        refused(() -> json("[" + most + "]"));
    }

    @Test
    void fieldsAreOfTheirTypeAndWithinTheirBounds() throws MalformedException {
        JsonValue.Obj object = (JsonValue.Obj) json("{\"n\":5,\"big\":1e3,\"half\":0.5,\"huge\":1e30,\"t\":\"x\",\"h\":\"00fF\",\"a\":[1],\"o\":{}}");
        assertThat(object.integer("n", 5, 5)).isEqualTo(5);
        assertThat(object.integer("big", 0, 1000)).isEqualTo(1000);
        assertThat(object.hex("h", 2)).isEqualTo(Bytes.fromHex("00ff"));
        assertThat(object.array("a", 1)).hasSize(1);
        assertThat(object.object("o").fields()).isEmpty();
        for (Attempt wrong : List.<Attempt>of(
                () -> object.integer("n", 6, 9), () -> object.integer("half", 0, 9), () -> object.integer("huge", 0, Long.MAX_VALUE),
                () -> object.integer("t", 0, 9), () -> object.text("n"), () -> object.hex("h", 3), () -> object.hex("t", 1),
                () -> object.array("a", 0), () -> object.array("o", 9), () -> object.object("a"), () -> object.get("missing"))) {
            refused(wrong);
        }
    }

    // PEM.

    private static String pem(String content) {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(content.getBytes(StandardCharsets.US_ASCII))
                + "\n-----END CERTIFICATE-----\n";
    }

    private static List<Bytes> certificates(String text) throws MalformedException {
        return Certificates.ofPem("chain", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void readsCertificatesInTheirOrder() throws MalformedException {
        Bytes one = Bytes.of("one".getBytes(StandardCharsets.US_ASCII));
        Bytes two = Bytes.of("two".repeat(100).getBytes(StandardCharsets.US_ASCII));
        String both = pem("one") + pem("two".repeat(100));
        for (String text : List.of(both, both.replace("\n", "\r\n"), "\n\t " + both + " \n", both + "\0", both + "\0\0\0")) {
            assertThat(certificates(text)).containsExactly(one, two);
            assertThat(Certificates.looksLikePem(text.getBytes(StandardCharsets.ISO_8859_1))).isTrue();
        }
    }

    @Test
    void refusesEverythingElseBetweenAndInside() {
        String one = pem("one");
        for (String wrong : List.of("", " ", "\0", one + "x", "x" + one, one + "\0" + one, one + "\0x", one + "\u0001",
                one.replace("END", "ENT"), one.replace("CERTIFICATE", "PUBLIC KEY"), one.replace("b25l", "b2!l"), one.replace("b25l", "b25"
                        + "l="), one.substring(0, 40), "-----BEGIN CERTIFICATE-----",
                "-----BEGIN CERTIFICATE----------END CERTIFICATE-----".replace("----------", "-----"))) {
            refused(() -> certificates(wrong));
        }
    }
}
