package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MatcherTest {
    /** An occurrence of a pattern. */
    private record Hit(int pattern, long offset) {}

    @Test
    void findsWhatANaiveSearchFinds() {
        qt().withFixedSeed(7).withExamples(1_500).forAll(longs().all()).checkAssert(seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            // Few different bytes, so that patterns overlap, repeat and share their anchors.
            int letters = 1 + random.nextInt(3);
            byte[] text = bytes(random, random.nextInt(400), letters);
            List<byte[]> patterns = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                int length = Matcher.ANCHOR + random.nextInt(24);
                boolean taken = text.length >= length && random.nextBoolean();
                int from = taken ? random.nextInt(text.length - length + 1) : 0;
                patterns.add(taken ? Arrays.copyOfRange(text, from, from + length) : bytes(random, length, letters));
            }
            int chunk = Matcher.ANCHOR + random.nextInt(64);
            int mostAtOnce = 1 + random.nextInt(20);

            assertThat(search(patterns, text, chunk, mostAtOnce)).containsExactlyInAnyOrderElementsOf(naive(patterns, text));
        });
    }

    @Test
    void findsAPatternAtEveryOffsetAcrossWindows() {
        byte[] pattern = "seventeen letters".getBytes(StandardCharsets.US_ASCII);
        for (int offset = 0; offset <= 200 - pattern.length; offset++) {
            byte[] text = new byte[200];
            System.arraycopy(pattern, 0, text, offset, pattern.length);
            for (int chunk = Matcher.ANCHOR; chunk < 50; chunk += 3) {
                assertThat(search(List.of(pattern), text, chunk, 1000)).containsExactly(new Hit(0, offset));
            }
        }
    }

    @Test
    void forgetsTheStreamBefore() {
        byte[] pattern = bytes(new SplittableRandom(1), 32, 256);
        Matcher.Search search = new Matcher(List.of(pattern)).search(16);
        List<Hit> hits = new ArrayList<>();

        search.run(Matcher.of(Arrays.copyOf(pattern, 20)), (i, at) -> hits.add(new Hit(i, at)));
        search.run(Matcher.of(Arrays.copyOfRange(pattern, 20, 32)), (i, at) -> hits.add(new Hit(i, at)));

        assertThat(hits).isEmpty();
    }

    @Test
    void findsFewAmongManyInMuch() {
        SplittableRandom random = new SplittableRandom(2);
        List<byte[]> patterns = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            patterns.add(bytes(random, 16, 256));
        }
        byte[] text = bytes(random, 4 << 20, 256);
        List<Hit> planted = List.of(new Hit(0, 0), new Hit(77_777, (1 << 20) - 5), new Hit(199_999, text.length - 16));
        planted.forEach(hit -> System.arraycopy(patterns.get(hit.pattern), 0, text, (int) hit.offset, 16));

        List<Hit> found = new ArrayList<>();
        long read = new Matcher(patterns).search().run(Matcher.of(text), (i, at) -> found.add(new Hit(i, at)));

        assertThat(found).isEqualTo(planted);
        assertThat(read).isEqualTo(text.length);
    }

    @Test
    void refusesPatternsShorterThanAnAnchor() {
        assertThatThrownBy(() -> new Matcher(List.of(new byte[Matcher.ANCHOR - 1]))).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Hit> search(List<byte[]> patterns, byte[] text, int chunk, int mostAtOnce) {
        List<Hit> hits = new ArrayList<>();
        Matcher.Source whole = Matcher.of(text);
        long read = new Matcher(patterns).search(chunk).run(
                (into, offset, length) -> whole.read(into, offset, Math.min(length, mostAtOnce)),
                (pattern, offset) -> hits.add(new Hit(pattern, offset)));
        assertThat(read).isEqualTo(text.length);
        return hits;
    }

    private static List<Hit> naive(List<byte[]> patterns, byte[] text) {
        List<Hit> hits = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            byte[] pattern = patterns.get(i);
            for (int at = 0; at + pattern.length <= text.length; at++) {
                if (Arrays.equals(text, at, at + pattern.length, pattern, 0, pattern.length)) {
                    hits.add(new Hit(i, at));
                }
            }
        }
        return hits;
    }

    private static byte[] bytes(SplittableRandom random, int length, int letters) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(letters);
        }
        return bytes;
    }
}
