package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CachingEndorsementsTest {
    private static final Need INFO = new Need.TcbInfo(Need.Tee.SGX, Bytes.of(new byte[6]));
    private static final Need OTHER = new Need.EnclaveIdentity(Need.Tee.SGX);

    @TempDir
    private Path folder;

    private final Source source = new Source();
    private Instant now = Made.NOW;

    /** A source that tells how often it was asked. */
    private static final class Source implements Endorsements {
        final List<Need> asked = Collections.synchronizedList(new ArrayList<>());
        Answer answer = new Answer(List.of(json("2026-07-01T00:00:00Z")), List.of());

        @Override
        public Answer find(Need need) {
            asked.add(need);
            return answer;
        }
    }

    private static Bytes json(String nextUpdate) {
        return Made.text("{\"tcbInfo\":{\"nextUpdate\": \"" + nextUpdate + "\"}}");
    }

    private CachingEndorsements cache(Endorsements from, int files, long bytes) {
        try {
            return new CachingEndorsements(from, folder, Duration.ofHours(1), files, bytes, (InstantSource) () -> now);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private CachingEndorsements cache() {
        return cache(source, 100, 1 << 20);
    }

    private static final Endorsements.Answer DOWN = new Endorsements.Answer(List.of(), List.of("down"));

    @Test
    void asksOnceWhileAnAnswerIsYoung() {
        CachingEndorsements cache = cache();
        assertThat(cache.find(INFO)).isEqualTo(source.answer);
        now = now.plus(Duration.ofMinutes(59));
        assertThat(cache.find(INFO)).isEqualTo(source.answer);
        assertThat(cache().find(INFO)).as("another process, or this one later").isEqualTo(source.answer);
        assertThat(source.asked).hasSize(1);
        now = now.plus(Duration.ofMinutes(1));
        cache.find(INFO);
        assertThat(source.asked).hasSize(2);
        cache.find(OTHER);
        assertThat(source.asked).hasSize(3);
    }

    @Test
    void asksAgainForWhatIsNoLongerValid() {
        Authority authority = Made.authority("Issuer");
        for (Bytes document : List.of(
                json("2026-06-01T00:10:00Z"),
                authority.revocationList(now, now.plus(Duration.ofMinutes(10))),
                Authority.root("CN=Short", authority.keys(), "SHA256withECDSA", now, wish -> wish.valid(now, Made.NOW.plus(Duration.ofMinutes(10))))
                        .der())) {
            now = Made.NOW;
            source.asked.clear();
            source.answer = new Endorsements.Answer(List.of(json("2026-07-01T00:00:00Z"), document), List.of());
            Need need = new Need.ChainOf(document.shortHex());
            CachingEndorsements cache = cache();
            cache.find(need);
            now = now.plus(Duration.ofMinutes(9));
            cache.find(need);
            assertThat(source.asked).hasSize(1);
            now = now.plus(Duration.ofMinutes(1));
            cache.find(need);
            assertThat(source.asked).hasSize(2);
        }
    }

    @Test
    void servesWhatIsAtHandWhileTheServiceIsDown() {
        CachingEndorsements cache = cache();
        List<Bytes> documents = cache.find(INFO).documents();
        source.answer = DOWN;
        now = now.plus(Duration.ofDays(300));
        assertThat(cache.find(INFO)).isEqualTo(new Endorsements.Answer(documents, List.of("down")));
        assertThat(cache.find(INFO).documents()).isEqualTo(documents);
        assertThat(source.asked).as("a service that is down is let be for a while").hasSize(2);
        now = now.plus(Duration.ofSeconds(30));
        cache.find(INFO);
        assertThat(source.asked).hasSize(3);
        assertThat(cache.find(OTHER)).isEqualTo(DOWN);
    }

    @Test
    void aClockThatWasSetBackAsksAgain() {
        cache().find(INFO);
        now = now.minus(Duration.ofDays(1));
        cache().find(INFO);
        assertThat(source.asked).hasSize(2);
    }

    @Test
    void certificatesThatCameAlongAreFoundByTheirName() {
        Authority signing = Made.authority("Signing");
        source.answer = new Endorsements.Answer(List.of(json("2026-07-01T00:00:00Z"), signing.der()), List.of());
        cache().find(INFO);
        source.answer = DOWN;
        assertThat(cache().find(Made.certificateOf(signing)).documents()).containsExactly(signing.der());
        assertThat(cache().find(Made.certificateOf(Made.authority("Other")))).isEqualTo(DOWN);
    }

    @Test
    void oneRequestRunsForAllWhoAsk() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CachingEndorsements cache = cache(
                need -> {
                    started.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return source.find(need);
                },
                100,
                1 << 20);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Endorsements.Answer> ask = () -> cache.find(INFO);
            List<Future<Endorsements.Answer>> answers = new ArrayList<>(List.of(threads.submit(ask)));
            started.await();
            for (int i = 0; i < 20; i++) {
                answers.add(threads.submit(ask));
            }
            go.countDown();
            for (Future<Endorsements.Answer> each : answers) {
                assertThat(each.get()).isEqualTo(source.answer);
            }
        }
        assertThat(source.asked).hasSize(1);
    }

    @Test
    void aSourceThatThrowsLeavesNobodyWaiting() {
        CachingEndorsements cache = cache(
                need -> {
                    throw new IllegalStateException("bug");
                },
                100,
                1 << 20);
        assertThatIllegalStateException().isThrownBy(() -> cache.find(INFO)).withMessage("bug");
        assertThatIllegalStateException().isThrownBy(() -> cache.find(INFO)).withMessage("bug");
    }

    @Test
    void keepsNoMoreThanItMay() throws IOException {
        CachingEndorsements few = cache(source, 3, 1 << 20);
        for (int i = 0; i < 10; i++) {
            few.find(new Need.ChainOf("n" + i));
        }
        assertThat(files()).hasSize(3);
        source.answer = new Endorsements.Answer(List.of(Bytes.of(new byte[400])), List.of());
        CachingEndorsements small = cache(source, 100, 1000);
        for (int i = 0; i < 10; i++) {
            small.find(new Need.ChainOf("m" + i));
        }
        long total = 0;
        for (Path file : files()) {
            total += Files.size(file);
        }
        assertThat(total).isBetween(400L, 1000L);
        source.answer = new Endorsements.Answer(List.of(Bytes.of(new byte[2000])), List.of());
        assertThat(small.find(INFO).problems()).containsExactly("too large to be kept");
        assertThat(small.find(INFO).documents()).hasSize(1);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    @Test
    void brokenFilesCountAsAbsent() throws IOException {
        cache().find(INFO);
        Path file = files().getFirst();
        byte[] good = Files.readAllBytes(file);
        cache().find(OTHER);
        Path other = files().stream().filter(each -> !each.equals(file)).findFirst().orElseThrow();
        byte[] ofOther = Files.readAllBytes(other);
        for (byte[] broken : List.of(new byte[0], new byte[] {1}, Arrays.copyOf(good, good.length - 1), ofOther, new byte[2 << 20])) {
            Files.write(file, broken);
            source.asked.clear();
            assertThat(cache().find(INFO)).isEqualTo(source.answer);
            assertThat(source.asked).hasSize(1);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(good);
    }

    @Test
    void aFolderThatCannotBeWrittenIsAProblemAndNoMore() throws IOException {
        CachingEndorsements cache = cache();
        Files.delete(folder);
        Files.write(folder, new byte[] {1});
        Endorsements.Answer answer = cache.find(INFO);
        assertThat(answer.documents()).isEqualTo(source.answer.documents());
        assertThat(answer.problems()).singleElement().asString().contains("cannot be written");
    }

    @Test
    void needsRoom() {
        assertThatIllegalArgumentException().isThrownBy(() -> cache(source, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> cache(source, 1, 0));
    }
}
