package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.innerkeep.channel.call.CallException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the other end learns when a call fails: captures every byte that an enclave writes and searches it. */
@Timeout(60)
class DisclosureTest {
    private static final String SECRET = "4556737586899855";

    record Limit(long amountCents) {}

    static final class OverLimitException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Limit detail;

        public OverLimitException(Limit detail) {
            super("over the limit of " + detail.amountCents());
            this.detail = detail;
        }

        public Limit detail() {
            return detail;
        }
    }

    static final class ClosedException extends Exception {
        private static final long serialVersionUID = 1L;

        public ClosedException() {
            super("closed on Sundays");
        }

        /** The implementation may be careless with causes; they stay inside. */
        ClosedException(Throwable cause) {
            super(SECRET, cause);
        }
    }

    static final class UndeclaredCardException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UndeclaredCardException() {
            super("no such card: " + SECRET, new IllegalStateException(SECRET));
        }
    }

    @HostVisible
    interface Payments {
        void pay(String how) throws OverLimitException, ClosedException;

        List<String> list();
    }

    private static final class Careless implements Payments {
        @Override
        public void pay(String how) throws OverLimitException, ClosedException {
            switch (how) {
                case "declared" -> throw new OverLimitException(new Limit(7_654_321));
                case "constant" -> throw new ClosedException(new IllegalStateException(SECRET));
                case "error" -> throw new StackOverflowError(SECRET);
                default -> throw new UndeclaredCardException();
            }
        }

        @Override
        @SuppressWarnings("NullAway")
        public List<String> list() {
            return Arrays.asList(SECRET, null);
        }
    }

    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private Link link;

    Link link() throws IOException {
        return new Link();
    }

    @BeforeEach
    void connect() throws IOException {
        link = link();
    }

    @AfterEach
    void disconnect() throws IOException {
        link.close();
    }

    private Payments calledBy(Disclosure disclosure) throws IOException {
        link.far(disclosure).failures(failures::add).offer(Payments.class, new Careless()).start();
        return link.near(Disclosure.TO_CLIENT).remote("the enclave").start().bind(Payments.class, Duration.ofSeconds(50));
    }

    private void assertNothingLeaks() throws IOException {
        byte[] wrote = link.farWrote();
        String text = new String(wrote, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        assertThat(wrote).isNotEmpty();
        assertThat(text)
                .doesNotContain(SECRET)
                .doesNotContain("card")
                .doesNotContain("exception")
                .doesNotContain("error")
                .doesNotContain("innerkeep")
                .doesNotContain("closed")
                .doesNotContain("java");
        // All places, whichever calls used them. Requests are there as well, and say some of these words.
        assertThat(new String(link.farShared(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT))
                .doesNotContain(SECRET)
                .doesNotContain("card")
                .doesNotContain("exception")
                .doesNotContain("innerkeep")
                .doesNotContain("java");
    }

    @Test
    void undeclaredExceptionLeavesAsFailedAndNothingElse() throws Exception {
        for (Disclosure disclosure : Disclosure.values()) {
            disconnect();
            connect();
            Payments payments = calledBy(disclosure);
            for (String how : List.of("undeclared", "error")) {
                assertThatExceptionOfType(CallException.class)
                        .isThrownBy(() -> payments.pay(how))
                        .withMessage("Payments.pay: the enclave failed; only its own log says why")
                        .withNoCause()
                        .satisfies(e -> assertThat(e.code()).isEqualTo(Code.FAILED));
                assertThat(failures.take()).hasMessageContaining(SECRET);
            }
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(payments::list)
                    .satisfies(e -> assertThat(e.code()).isEqualTo(Code.FAILED));
            assertThat(failures.take()).hasMessageStartingWith("Payments.list(return) is null");
            assertNothingLeaks();
        }
    }

    @Test
    void failureFrameHasTheSameSizeWhateverWasThrown() throws Exception {
        Payments payments = calledBy(Disclosure.TO_HOST);
        assertThatExceptionOfType(CallException.class).isThrownBy(() -> payments.pay("undeclared"));
        int bind = 4 + 4;
        int failure = 4 + 4;
        assertThat(link.farWrote()).hasSize(bind + failure);
    }

    @Test
    void clientGetsDeclaredExceptionWithItsDetail() throws Exception {
        Payments payments = calledBy(Disclosure.TO_CLIENT);
        assertThatExceptionOfType(OverLimitException.class)
                .isThrownBy(() -> payments.pay("declared"))
                .withMessage("over the limit of 7654321")
                .withNoCause()
                .satisfies(e -> assertThat(e.detail()).isEqualTo(new Limit(7_654_321)));
        assertThat(HexFormat.of().formatHex(link.farWrote())).endsWith("84030201811a0074cbb1");
        assertThat(failures).isEmpty();
        assertNothingLeaks();
    }

    @Test
    void hostGetsDeclaredExceptionAsItsTypeOnly() throws Exception {
        Payments payments = calledBy(Disclosure.TO_HOST);
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> payments.pay("declared"))
                .withMessage("Payments.pay of the enclave threw " + OverLimitException.class.getName()
                        + ", whose detail is not disclosed")
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(Code.DECLARED);
                    assertThat(e.declaredType()).contains(OverLimitException.class.getName());
                });
        // [3, id, index, null]; 7654321 is 1a 0074 cbb1 in CBOR.
        assertThat(HexFormat.of().formatHex(link.farWrote())).endsWith("84030201f6").doesNotContain("74cbb1");
        assertNothingLeaks();
    }

    @Test
    void exceptionWithoutDetailCrossesWithItsConstantMessage() throws Exception {
        for (Disclosure disclosure : Disclosure.values()) {
            disconnect();
            connect();
            Payments payments = calledBy(disclosure);
            assertThatExceptionOfType(ClosedException.class)
                    .isThrownBy(() -> payments.pay("constant"))
                    .withMessage("closed on Sundays")
                    .withNoCause();
            assertNothingLeaks();
        }
    }

    @Test
    void logThatThrowsChangesNothing() throws Exception {
        link.far(Disclosure.TO_HOST)
                .failures(e -> {
                    throw new IllegalStateException(e);
                })
                .offer(Payments.class, new Careless())
                .start();
        Payments payments = link.near(Disclosure.TO_CLIENT).start().bind(Payments.class, Duration.ofSeconds(50));
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> payments.pay("undeclared"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.FAILED));
        assertNothingLeaks();
    }
}
