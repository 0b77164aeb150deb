package org.innerkeep.evidence.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8949 appendix A, all of it: what the one accepted encoding covers, and what it must refuse. */
class CborKnownAnswersTest {
    static Stream<Arguments> accepted() {
        return Stream.of(
                of("00", 0), of("01", 1), of("0a", 10), of("17", 23), of("1818", 24), of("1819", 25), of("1864", 100),
                of("1903e8", 1000), of("1a000f4240", 1000000), of("1b000000e8d4a51000", 1000000000000L),
                of("20", -1), of("29", -10), of("3863", -100), of("3903e7", -1000),
                of("c249010000000000000000", tagged(2, bytes("010000000000000000"))),
                of("c349010000000000000000", tagged(3, bytes("010000000000000000"))),
                of("fb3ff199999999999a", 1.1), of("fa47c35000", 100000.0f), of("fa7f7fffff", Float.MAX_VALUE),
                of("fb7e37e43c8800759c", 1.0e+300), of("fbc010666666666666", -4.1),
                of("fa7f800000", Float.POSITIVE_INFINITY), of("fa7fc00000", Float.NaN),
                of("faff800000", Float.NEGATIVE_INFINITY), of("fb7ff0000000000000", Double.POSITIVE_INFINITY),
                of("fb7ff8000000000000", Double.NaN), of("fbfff0000000000000", Double.NEGATIVE_INFINITY),
                of("f4", false), of("f5", true), of("f6", new CborTree.Null()),
                of("c074323031332d30332d32315432303a30343a30305a", tagged(0, tree("2013-03-21T20:04:00Z"))),
                of("c11a514b67b0", tagged(1, tree(1363896240))),
                of("c1fb41d452d9ec200000", tagged(1, tree(1363896240.5))),
                of("d74401020304", tagged(23, bytes("01020304"))),
                of("d818456449455446", tagged(24, bytes("6449455446"))),
                of("d82076687474703a2f2f7777772e6578616d706c652e636f6d", tagged(32, tree("http://www.example.com"))),
                of("40", bytes("")), of("4401020304", bytes("01020304")),
                of("60", ""), of("6161", "a"), of("6449455446", "IETF"), of("62225c", "\"\\"), of("62c3bc", "\u00fc"),
                of("63e6b0b4", "\u6c34"), of("64f0908591", "\ud800\udd51"),
                of("80", array()), of("83010203", array(1, 2, 3)),
                of("8301820203820405", array(1, array(2, 3), array(4, 5))),
                of("98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                        array(LongStream.rangeClosed(1, 25).boxed().toArray())),
                of("a0", pairs()), of("a201020304", pairs(1, 2, 3, 4)),
                of("a26161016162820203", pairs("a", 1, "b", array(2, 3))),
                of("826161a161626163", array("a", pairs("b", "c"))),
                of("a56161614161626142616361436164614461656145",
                        pairs("a", "A", "b", "B", "c", "C", "d", "D", "e", "E")));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void readsAndWritesBack(String hex, CborTree value) throws MalformedException {
        byte[] encoded = HexFormat.of().parseHex(hex);

        assertThat(CborTree.parse(encoded)).isEqualTo(value);
        assertThat(value.encode()).isEqualTo(encoded);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // Integers beyond 64 bits, signed.
        "1bffffffffffffffff", "3bffffffffffffffff",
        // Half precision.
        "f90000", "f98000", "f93c00", "f93e00", "f97bff", "f90001", "f90400", "f9c400", "f97c00", "f97e00", "f9fc00",
        // Undefined and other simple values.
        "f7", "f0", "f8ff",
        // Indefinite lengths.
        "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "9f01820203820405ff",
        "83018202039f0405ff", "83019f0203ff820405",
        "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
        "bf61610161629f0203ffff", "826161bf61626163ff", "bf6346756ef563416d7421ff",
    })
    void refusesWhatIsOutsideTheOneEncoding(String hex) {
        refuses(hex);
    }

    /** RFC 8949 appendix F, not well-formed, and section 4.2, well-formed and not the shortest. */
    @ParameterizedTest
    @ValueSource(strings = {
        // Ends too early.
        "", "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8", "d8",
        "f8", "f900", "fa0000", "fb000000", "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00",
        "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000", "c0",
        // Reserved additional information, and a break alone.
        "1c", "1d", "1e", "3c", "5c", "7c", "9c", "bc", "dc", "fc", "fd", "fe", "1f", "3f", "df", "ff", "81ff",
        // Reserved two-byte simple values.
        "f800", "f801", "f818", "f81f",
        // Longer heads than needed.
        "1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000", "1b00000000ffffffff", "3800",
        "390000", "580100", "59000100", "780161", "980100", "b8010000", "d80100", "d9000100",
        // Trailing bytes.
        "0000", "6000", "8000", "f6f6",
        // Text that is not UTF-8: stray continuation, overlong, surrogate, above U+10FFFF, cut.
        "6180", "62c080", "63eda080", "64f4908080", "62e6b0",
        // NaNs other than the canonical one.
        "fa7fc00001", "faffc00000", "fa7f800001", "fb7ff8000000000001", "fbfff8000000000000",
    })
    void refusesMalformedAndLongerForms(String hex) {
        refuses(hex);
    }

    private static void refuses(String hex) {
        byte[] encoded = HexFormat.of().parseHex(hex);

        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> CborTree.parse(encoded));
    }

    private static Arguments of(String hex, Object value) {
        return Arguments.of(hex, tree(value));
    }

    private static CborTree tree(Object value) {
        return switch (value) {
            case CborTree tree -> tree;
            case Integer number -> new CborTree.Int(number);
            case Long number -> new CborTree.Int(number);
            case String text -> new CborTree.Text(text);
            case Boolean bool -> new CborTree.Bool(bool);
            case Float number -> new CborTree.Binary32(number);
            case Double number -> new CborTree.Binary64(number);
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    private static CborTree bytes(String hex) {
        return new CborTree.ByteString(Bytes.fromHex(hex));
    }

    private static CborTree tagged(long tag, CborTree item) {
        return new CborTree.Tagged(tag, item);
    }

    private static CborTree array(Object... items) {
        return new CborTree.Array(trees(items));
    }

    private static CborTree pairs(Object... items) {
        return new CborTree.Pairs(trees(items));
    }

    private static List<CborTree> trees(Object... items) {
        return Arrays.stream(items).map(CborKnownAnswersTest::tree).toList();
    }
}
