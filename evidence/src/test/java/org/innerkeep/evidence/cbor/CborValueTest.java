package org.innerkeep.evidence.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue.Rules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CborValueTest {
    private static CborValue parse(String hex, Rules rules) throws MalformedException {
        return CborValue.parse("item", HexFormat.of().parseHex(hex), rules);
    }

    private static void refused(String hex, Rules rules) {
        assertThatExceptionOfType(MalformedException.class).as(hex).isThrownBy(() -> parse(hex, rules));
    }

    @Test
    void readsEveryTypeWithThePlaceItStandsIn() throws MalformedException {
        CborValue.Obj map = parse("a4 01 20 02 43010203 61616162 03 84 f5 f4 f6 d825 00".replace(" ", ""), Rules.SHORTEST).map("map");
        assertThat(map.get(1, "one")).isEqualTo(new CborValue.Int(2, 3, -1));
        assertThat(map.get(2, "two")).isEqualTo(new CborValue.ByteString(4, 8, Bytes.fromHex("010203")));
        assertThat(map.get("a", "a")).isEqualTo(new CborValue.Text(10, 12, "b"));
        List<CborValue> items = map.get(3, "three").items("three", 4, 4);
        assertThat(items).containsExactly(
                new CborValue.Flag(14, 15, true), new CborValue.Flag(15, 16, false), new CborValue.Nil(16, 17),
                new CborValue.Tagged(17, 20, 37, new CborValue.Int(19, 20, 0)));
        assertThat(map.start()).isZero();
        assertThat(map.end()).isEqualTo(20);
        assertThat(map.find(9)).isEmpty();
        assertThat(map.find("b")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "18", "1800ff00", "0000", // cut, too much
        "1817", "190017", "1a00000017", "1b0000000000000017", "5800", "7800", "9800", "b800", // not the shortest
        "9f01ff", "bf0101ff", "5f4101ff", "7f6161ff", "ff", // indefinite
        "a2010102", "a201010102", "a2616101616102", // a pair cut, and keys twice
        "a14101", "a1f500", "a1f600", "a18000", "a1a000", "a1c00000", // other keys
        "f0", "f7", "f818", "f93c00", "fa3f800000", "fb3ff0000000000000", // other simple values and numbers
        "1bffffffffffffffff", "3bffffffffffffffff", // above 64 bits with sign
        "61ff", "62c328", // no UTF-8
        "5bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff", "5a7fffffff", "9a7fffffff", "ba7fffffff", // huge counts
        "1c", "1d", "1e", "1f", "3f", "dc" // reserved
    })
    void refusesEverythingElse(String hex) {
        refused(hex, Rules.SHORTEST);
    }

    @ParameterizedTest
    @CsvSource({"1817,23", "190017,23", "1a00000017,23", "1b0000000000000017,23", "3800,-1"})
    void bearsLongerHeadsWhereTheMakerMayWriteThem(String hex, long value) throws MalformedException {
        assertThat(parse(hex, Rules.ANY_HEADS).integer("n", Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(value);
        refused(hex, Rules.SHORTEST);
        refused(hex, Rules.OPEN_OUTER_MAP);
    }

    @Test
    void aKeyTwiceInTwoEncodingsIsTwice() {
        refused("a2010118010a", Rules.ANY_HEADS);
    }

    @Test
    void bearsAnOpenMapOutsideOnly() throws MalformedException {
        assertThat(parse("bf0102ff", Rules.OPEN_OUTER_MAP).map("map").get(1, "one").integer("one", 2, 2)).isEqualTo(2);
        assertThat(parse("bfff", Rules.OPEN_OUTER_MAP).map("map").byNumber()).isEmpty();
        for (String hex : List.of("bf01bfffff", "a101bfff", "81bfff", "bf01ff", "bf0102", "bf01020102ff", "bf0102ff00", "9fff", "5fff")) {
            refused(hex, Rules.OPEN_OUTER_MAP);
        }
    }

    @Test
    void depthAndNumberOfItemsAreBounded() throws MalformedException {
        assertThat(parse("81".repeat(CborValue.MAX_DEPTH) + "00", Rules.SHORTEST)).isNotNull();
        refused("81".repeat(CborValue.MAX_DEPTH + 1) + "00", Rules.SHORTEST);
        refused("81".repeat(1_000_000) + "00", Rules.SHORTEST);
        refused("c0".repeat(1_000_000) + "00", Rules.SHORTEST);
        refused("a100".repeat(1_000_000) + "00", Rules.SHORTEST);
        refused("99ffff" + "00".repeat(0xffff), Rules.SHORTEST);
        refused("90" + ("98ff" + "00".repeat(0xff)).repeat(16) + "90" + "00".repeat(16), Rules.SHORTEST);
    }

    @Test
    void accessorsCheckTypeAndBounds() throws MalformedException {
        CborValue number = parse("0a", Rules.SHORTEST);
        assertThat(number.integer("n", 10, 10)).isEqualTo(10);
        List<ThrowingAccess> wrong = List.of(
                () -> number.integer("n", 11, 20),
                () -> number.integer("n", 0, 9),
                () -> number.bytes("n", 0, 9),
                () -> number.text("n", 9),
                () -> number.bool("n"),
                () -> number.items("n", 0, 9),
                () -> number.map("n"),
                () -> parse("43010203", Rules.SHORTEST).bytes("b", 0, 2),
                () -> parse("43010203", Rules.SHORTEST).bytes("b", 4, 9),
                () -> parse("60", Rules.SHORTEST).text("t", 9),
                () -> parse("63c3a461", Rules.SHORTEST).text("t", 2),
                () -> parse("80", Rules.SHORTEST).items("a", 1, 9),
                () -> parse("8101", Rules.SHORTEST).items("a", 0, 0),
                () -> parse("a0", Rules.SHORTEST).map("m").get(1, "one"),
                () -> parse("a0", Rules.SHORTEST).map("m").get("one", "one"));
        for (ThrowingAccess each : wrong) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(each::get);
        }
        assertThat(parse("63c3a461", Rules.SHORTEST).text("t", 3)).isEqualTo("äa");
    }

    private interface ThrowingAccess {
        Object get() throws MalformedException;
    }

    /** What is accepted with shortest heads has one encoding, whatever the order of keys. */
    @Test
    void whatIsWrittenIsWhatWasRead() throws MalformedException {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            CborWriter writer = new CborWriter();
            write(writer, random, 0);
            byte[] encoded = writer.toByteArray();
            CborWriter again = new CborWriter();
            write(again, CborValue.parse("item", encoded, Rules.SHORTEST));
            assertThat(again.toByteArray()).isEqualTo(encoded);
        }
    }

    private static void write(CborWriter writer, SplittableRandom random, int depth) {
        switch (random.nextInt(depth < 4 ? 8 : 5)) {
            case 0 -> writer.integer(random.nextLong() >> random.nextInt(64));
            case 1 -> writer.bytes(new byte[random.nextInt(300)]);
            case 2 -> writer.text("é".repeat(random.nextInt(200)));
            case 3 -> writer.bool(random.nextBoolean());
            case 4 -> writer.nil();
            case 5 -> {
                int count = random.nextInt(5);
                writer.array(count);
                for (int i = 0; i < count; i++) {
                    write(writer, random, depth + 1);
                }
            }
            case 6 -> {
                int count = random.nextInt(5);
                writer.map(count);
                for (int i = 0; i < count; i++) {
                    writer.integer(random.nextInt(1000) * 8L - 4000 + i);
                    write(writer, random, depth + 1);
                }
            }
            default -> {
                writer.tag(random.nextInt(100_000));
                write(writer, random, depth + 1);
            }
        }
    }

    private static void write(CborWriter writer, CborValue value) {
        switch (value) {
            case CborValue.Int number -> writer.integer(number.value());
            case CborValue.ByteString bytes -> writer.bytes(bytes.value().toArray());
            case CborValue.Text text -> writer.text(text.value());
            case CborValue.Flag flag -> writer.bool(flag.value());
            case CborValue.Nil nil -> writer.nil();
            case CborValue.Tagged tagged -> write(writer.tag(tagged.tag()), tagged.content());
            case CborValue.Arr array -> {
                writer.array(array.items().size());
                array.items().forEach(each -> write(writer, each));
            }
            case CborValue.Obj map -> {
                List<Long> keys = new ArrayList<>(map.byNumber().keySet());
                writer.map(keys.size());
                keys.forEach(key -> write(writer.integer(key), map.find(key).orElseThrow()));
            }
        }
    }
}
