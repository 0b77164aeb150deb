package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.doubles;
import static org.quicktheories.generators.SourceDSL.longs;
import static org.quicktheories.generators.SourceDSL.strings;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.innerkeep.channel.call.Samples.Branch;
import org.innerkeep.channel.call.Samples.Colour;
import org.innerkeep.channel.call.Samples.Leaf;
import org.innerkeep.channel.call.Samples.Rich;
import org.innerkeep.channel.call.Samples.Tree;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecTest {
    record Texts(List<String> texts) {}

    record Ages(Map<String, Integer> ages) {}

    record Tags(Set<String> tags) {}

    record Span(int from, int to) {
        Span {
            if (from > to) {
                throw new IllegalArgumentException("secret " + from);
            }
        }
    }

    record Trimmed(String name) {
        Trimmed {
            name = name.strip();
        }
    }

    record When(Instant at, Duration lasting) {}

    record Day(LocalDate on) {}

    record Big(BigInteger integer, BigDecimal decimal) {}

    record Name(Optional<String> name) {}

    @Test
    void everythingComesBackEqualAndCanonical() {
        Codec<Rich> codec = Codec.of(Rich.class);
        qt().withFixedSeed(2)
                .withExamples(300)
                .forAll(
                        strings().basicMultilingualPlaneAlphabet().ofLengthBetween(0, 40).assuming(CodecTest::wellFormed),
                        longs().all(),
                        doubles().any())
                .checkAssert((text, number, real) -> {
                    Rich value = Samples.rich(text, number, real);
                    byte[] bytes = codec.encode(value);
                    Rich back = decode(codec, bytes);
                    assertThat(back).isEqualTo(value);
                    assertThat(codec.encode(back)).isEqualTo(bytes);
                });
    }

    @Test
    void extremesComeBack() throws MalformedException {
        Codec<When> when = Codec.of(When.class);
        for (When value : List.of(
                new When(Instant.MIN, Duration.ofSeconds(Long.MIN_VALUE)),
                new When(Instant.MAX, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)),
                new When(Instant.EPOCH.minusNanos(1), Duration.ofNanos(-1)))) {
            assertThat(when.decode(when.encode(value))).isEqualTo(value);
        }
        Codec<Big> big = Codec.of(Big.class);
        Big largest = new Big(BigInteger.TWO.pow(2048 * 8 - 1).negate(), new BigDecimal(BigInteger.ONE, -9999));
        assertThat(big.decode(big.encode(largest))).isEqualTo(largest);
        Codec<Day> day = Codec.of(Day.class);
        for (LocalDate on : List.of(LocalDate.MIN, LocalDate.MAX)) {
            assertThat(day.decode(day.encode(new Day(on)))).isEqualTo(new Day(on));
        }
        assertThat(Codec.of(double.class).decode(Codec.of(double.class).encode(Double.NaN))).isNaN();
    }

    @Test
    void writesTheDocumentedForms() {
        assertThat(hex(Tree.class, new Leaf(7))).isEqualTo("82" + "644c656166" + "07");
        assertThat(hex(Tree.class, new Branch(List.of(new Leaf(7)), Optional.empty())))
                .isEqualTo("83" + "664272616e6368" + "81" + "82644c65616607" + "f6");
        assertThat(hex(Leaf.class, new Leaf(-1))).isEqualTo("8120");
        assertThat(hex(Colour.class, Colour.GREEN)).isEqualTo("65475245454e");
        assertThat(hex(Tags.class, new Tags(new LinkedHashSet<>(List.of("bb", "a", "c")))))
                .isEqualTo("81" + "83" + "6161" + "6163" + "626262");
        assertThat(hex(When.class, new When(Instant.EPOCH, Duration.ofMillis(-1))))
                .isEqualTo("82" + "820000" + "82201a3b8b87c0");
        assertThat(hex(Big.class, new Big(BigInteger.valueOf(128), new BigDecimal("-1.00"))))
                .isEqualTo("82" + "420080" + "8202419c");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    trailing byte                 | Leaf  | 810100 | expected the end
                    missing component             | Leaf  | 80 | found 0
                    one component too many        | Leaf  | 820101 | found 2
                    number in a longer form       | Leaf  | 811800 | shortest form
                    number out of range           | Leaf  | 811a80000000 | found 2147483648
                    float for an integer          | Leaf  | 81fb3ff0000000000000 | found FLOAT64
                    null for a value              | Leaf  | 81f6 | found NULL
                    indefinite array              | Leaf  | 9f01ff | definite length
                    tag in front                  | Leaf  | c08101 | found TAG
                    unknown record of a hierarchy | Tree  | 82634c656107 | found another name
                    class name for a record       | Tree  | 8278246f72672e696e6e65726b6565702e6368616e6e656c2e63616c6c2e54726565244c65616607 | found another name
                    empty hierarchy               | Tree  | 80 | found 0
                    wrong count in a hierarchy    | Tree  | 83644c6561660707 | expected 1 components
                    unknown constant              | Colour| 64424c5545 | found another name
                    constant in other case        | Colour| 63726564 | found another name
                    duplicate element             | Tags  | 818261616161 | each once
                    descending elements           | Tags  | 818261626161 | ascending
                    duplicate key                 | Ages  | 81a2616101616102 | each once
                    descending keys               | Ages  | 81a2616201616102 | ascending
                    array for a map               | Ages  | 8180 | expected MAP
                    nanoseconds beyond a second   | When  | 8282001a3b9aca00820000 | found 1000000000
                    negative nanoseconds          | When  | 82820020820000 | found -1
                    instant beyond its range      | When  | 82821b7fffffffffffffff00820000 | found 9223372036854775807
                    date in another form          | Day   | 8169323032352d312d3031 | ISO 8601
                    date that does not exist      | Day   | 816a323032352d30322d3330 | ISO 8601
                    date with a plus sign         | Day   | 816b2b323032352d30312d3031 | ISO 8601
                    number with a needless byte   | Big   | 82420001820041ff | shortest two
                    number without bytes          | Big   | 8240820041ff | found 0
                    scale beyond the bound        | Big   | 8241018219271041ff | found 10000
                    text that is not UTF-8        | Texts | 818161ff | UTF-8
                    surrogate in UTF-8            | Texts | 818163eda080 | UTF-8
                    """)
    void refusesWhatIsNotTheOneEncoding(String rule, String type, String hex, String message) {
        Codec<?> codec = Codec.of(type(type));
        assertThatExceptionOfType(MalformedException.class)
                .as(rule)
                .isThrownBy(() -> codec.decode(HexFormat.of().parseHex(hex)))
                .withMessageContaining(message);
    }

    @Test
    void refusalNamesTheComponentAndTheOffset() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Codec.of(Ages.class).decode(HexFormat.of().parseHex("81a16161616f")))
                .withMessage("Ages.ages at byte 4: expected INTEGER, found TEXT");
    }

    @Test
    void refusesWhatTheConstructorRefusesWithoutRepeatingIt() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Codec.of(Span.class).decode(HexFormat.of().parseHex("820201")))
                .withMessage("Span at byte 1: refused by the constructor of org.innerkeep.channel.call.CodecTest$Span")
                .withNoCause();
    }

    @Test
    void refusesWhatTheConstructorChanges() throws MalformedException {
        Codec<Trimmed> codec = Codec.of(Trimmed.class);
        assertThat(codec.decode(codec.encode(new Trimmed(" a ")))).isEqualTo(new Trimmed("a"));
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> codec.decode(HexFormat.of().parseHex("81622061")))
                .withMessageContaining("changes what it is given");
    }

    @Test
    void collectionsReadCannotBeChanged() {
        Rich rich = decode(Codec.of(Rich.class), Codec.of(Rich.class).encode(Samples.rich("x", 7, 1)));
        Texts texts = decode(Codec.of(Texts.class), Codec.of(Texts.class).encode(new Texts(List.of("a"))));
        Tags tags = decode(Codec.of(Tags.class), Codec.of(Tags.class).encode(new Tags(Set.of("a"))));
        Ages ages = decode(Codec.of(Ages.class), Codec.of(Ages.class).encode(new Ages(Map.of("a", 1))));
        assertThat(rich.set()).isUnmodifiable();
        assertThat(texts.texts()).isUnmodifiable();
        assertThat(tags.tags()).isUnmodifiable();
        assertThat(ages.ages()).isUnmodifiable();
    }

    @Test
    void refusesToWriteNullAnywhere() {
        assertNull(Texts.class, new Texts(nothing()), "Texts.texts");
        assertNull(Texts.class, new Texts(Arrays.asList("a", nothing())), "Texts.texts");
        assertNull(Ages.class, new Ages(Collections.singletonMap("a", nothing())), "Ages.ages");
        assertNull(Ages.class, new Ages(Collections.singletonMap(nothing(), 1)), "Ages.ages");
        assertNull(Tags.class, new Tags(Collections.singleton(nothing())), "Tags.tags");
        assertNull(Name.class, new Name(nothing()), "Name.name");
        assertNull(Name.class, nothing(), "Name");
    }

    @Test
    void refusesToWriteWhatCannotBeReadBack() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(Texts.class).encode(new Texts(List.of("ab\ud800c"))))
                .withMessage("Texts.texts has an unpaired surrogate at index 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(Texts.class).encode(new Texts(List.of("\udc00\ud800"))))
                .withMessage("Texts.texts has an unpaired surrogate at index 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(Big.class).encode(new Big(BigInteger.TWO.pow(2048 * 8), BigDecimal.ONE)))
                .withMessage("Big.integer is a number of more than 2048 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(Big.class).encode(new Big(BigInteger.ONE, new BigDecimal("1e10000"))))
                .withMessage("Big.decimal has a scale beyond 9999");
        Set<String> twins = Collections.newSetFromMap(new IdentityHashMap<>());
        twins.add("a");
        twins.add(String.valueOf(new char[] {'a'}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(Tags.class).encode(new Tags(twins)))
                .withMessage("Tags.tags holds two equal elements");
    }

    @Test
    void nestsSixtyFourDeepAndNoDeeper() throws MalformedException {
        Codec<Tree> codec = Codec.of(Tree.class);
        Tree tree = new Branch(List.of(), Optional.empty());
        // A branch and its optional are two levels.
        for (int depth = 3; depth < Shape.MAX_DEPTH; depth += 2) {
            tree = new Branch(List.of(), Optional.of(tree));
        }
        assertThat(codec.decode(codec.encode(tree))).isEqualTo(tree);
        Tree deeper = new Branch(List.of(), Optional.of(tree));
        assertThatIllegalArgumentException().isThrownBy(() -> codec.encode(deeper)).withMessageContaining("more than 64 deep");

        CborWriter hostile = new CborWriter();
        for (int i = 0; i < 100_000; i++) {
            hostile.array(3).text("Branch").array(0);
        }
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> codec.decode(hostile.toByteArray()))
                .withMessageContaining("more than 64 deep");
    }

    @ParameterizedTest
    @CsvSource({
        "819a80000000616161, Texts",
        "819a7fffffff616161, Texts",
        "819bffffffffffffffff, Texts",
        "81ba7fffffff616101, Ages",
        "81815a7fffffff00, Blob",
        "81817a7fffffff00, Texts",
    })
    void hostileLengthsTakeNoMemory(String hex, String type) {
        Codec<?> codec = Codec.of(type(type));
        assertRefusedWithin(1 << 20, codec, HexFormat.of().parseHex(hex));
    }

    @Test
    void nestedCountsDoNotMultiply() {
        // Each of thirty levels claims as many children as bytes remain. Trusted, they would take thirty times 32 MiB.
        int size = 8 << 20;
        CborWriter hostile = new CborWriter();
        for (int i = 0; i < 30; i++) {
            hostile.array(3).text("Branch").array(size - 40 * (i + 1));
        }
        hostile.raw(new byte[size - hostile.length()]);
        assertRefusedWithin(1 << 20, Codec.of(Tree.class), hostile.toByteArray());
    }

    private static void assertRefusedWithin(long bytes, Codec<?> codec, byte[] hostile) {
        // Once before, so that what is loaded and prepared on the first use is not counted.
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> codec.decode(hostile));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean refused = false;
        try {
            Object _ = codec.decode(hostile);
        } catch (MalformedException e) {
            refused = true;
        }
        long used = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(refused).isTrue();
        assertThat(used).isLessThan(bytes);
    }

    private static <T> void assertNull(Class<T> type, T value, String where) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.of(type).encode(value))
                .withMessage(where + " is null; null cannot be carried, use java.util.Optional");
    }

    private static Class<?> type(String name) {
        return Stream.of(
                        Leaf.class, Tree.class, Colour.class, Tags.class, Ages.class, When.class, Day.class, Big.class,
                        Texts.class, Samples.Blob.class)
                .filter(type -> type.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static <T> String hex(Class<T> type, T value) {
        return HexFormat.of().formatHex(Codec.of(type).encode(value));
    }

    private static <T> T decode(Codec<T> codec, byte[] bytes) {
        try {
            return codec.decode(bytes);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean wellFormed(String text) {
        return text.chars().noneMatch(c -> Character.isSurrogate((char) c));
    }

    /** A null where none belongs; what a program without null checks may pass. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }
}
