package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever measures is told of every call, at both ends, with sizes and times that fit each other. */
@Timeout(30)
final class CallObserverTest {
    interface Work {
        byte[] echo(byte[] bytes);

        int sum(InputStream bytes) throws Refused;

        void refuse() throws Refused;

        void fail();
    }

    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        public Refused() {}
    }

    private static final class Worker implements Work {
        @Override
        public byte[] echo(byte[] bytes) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return bytes;
        }

        @Override
        public int sum(InputStream bytes) throws Refused {
            try {
                int sum = 0;
                for (int each = bytes.read(); each >= 0; each = bytes.read()) {
                    sum += each;
                }
                return sum;
            } catch (IOException e) {
                throw new Refused();
            }
        }

        @Override
        public void refuse() throws Refused {
            throw new Refused();
        }

        @Override
        public void fail() {
            throw new IllegalStateException();
        }
    }

    private static final class Seen implements CallObserver {
        private final List<Crossing> begun = new CopyOnWriteArrayList<>();
        private final List<Crossing> ended = new CopyOnWriteArrayList<>();

        @Override
        public void begun(Crossing crossing) {
            begun.add(crossing);
        }

        @Override
        public void ended(Crossing crossing) {
            ended.add(crossing);
        }

        private Crossing only(String method) {
            List<Crossing> found = ended.stream().filter(each -> each.method().equals(method)).toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private final Seen caller = new Seen();
    private final Seen server = new Seen();
    private Link link;
    private CallPeer near;
    private CallPeer far;
    private Work work;

    @BeforeEach
    void connect() throws IOException {
        link = new Link();
        far = link.far(Disclosure.TO_CLIENT).observer(server).offer(Work.class, new Worker()).start();
        near = link.near(Disclosure.TO_CLIENT).observer(caller).start();
        work = near.bind(Work.class, Duration.ofSeconds(10));
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
        link.close();
    }

    @Test
    void bothEndsSeeTheSameSizesAndTheCallersTimeHasTheWorkInIt() {
        work.echo(new byte[1000]);

        Crossing made = caller.only("echo");
        Crossing served = server.only("echo");
        assertThat(made.side()).isEqualTo(Crossing.Side.MADE);
        assertThat(served.side()).isEqualTo(Crossing.Side.SERVED);
        assertThat(made.service()).isEqualTo(served.service()).isEqualTo(Work.class.getName());
        // A frame's length is before it where it is made, and has been read where it is taken.
        assertThat(made.requestBytes()).isEqualTo(served.requestBytes() + 4).isBetween(1000, 1100);
        assertThat(served.answerBytes()).isEqualTo(made.answerBytes() + 4).isBetween(1000, 1100);
        assertThat(served.workNanos()).isBetween(TimeUnit.MILLISECONDS.toNanos(5), served.nanos());
        assertThat(made.nanos()).isGreaterThan(served.workNanos());
        assertThat(made.workNanos()).isZero();
        assertThat(made.succeeded() && served.succeeded()).isTrue();
        assertThat(caller.begun).containsExactlyElementsOf(caller.ended);
    }

    @Test
    void aCallWithoutAResultHasNotSucceededAtEitherEnd() {
        assertThatExceptionOfType(Refused.class).isThrownBy(work::refuse);
        assertThatExceptionOfType(CallException.class).isThrownBy(work::fail);

        for (String method : List.of("refuse", "fail")) {
            assertThat(caller.only(method).succeeded()).isFalse();
            assertThat(server.only(method).succeeded()).isFalse();
        }
    }

    @Test
    void aCallThatNobodyAnswersIsToldOfAllTheSame() {
        far.close();
        near.closed().join();

        assertThatExceptionOfType(CallException.class).isThrownBy(() -> work.echo(new byte[1]));

        assertThat(caller.ended.stream().filter(each -> each.method().equals("echo") && each.succeeded())).isEmpty();
        assertThat(caller.begun).hasSameSizeAs(caller.ended);
    }

    @Test
    void thePiecesOfAStreamAreCallsOfTheOtherEnd() throws Exception {
        assertThat(work.sum(new ByteArrayInputStream(new byte[] {1, 2, 3}))).isEqualTo(6);

        assertThat(server.only("sum").succeeded()).isTrue();
        assertThat(server.ended.stream().filter(each -> each.service().equals(Crossing.STREAMS)))
                .isNotEmpty()
                .allMatch(each -> each.side() == Crossing.Side.MADE);
        assertThat(caller.ended.stream().filter(each -> each.service().equals(Crossing.STREAMS)))
                .allMatch(each -> each.side() == Crossing.Side.SERVED);
    }
}
