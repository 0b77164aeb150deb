package org.innerkeep.channel.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Crossing;
import org.innerkeep.channel.call.Disclosure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls are added up by their methods, on the side that makes them and on the side that serves them. */
@Timeout(30)
final class CallTallyTest {
    interface Work {
        void rest(int millis);

        byte[] echo(byte[] bytes);
    }

    private static final class Worker implements Work {
        @Override
        public void rest(int millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public byte[] echo(byte[] bytes) {
            return bytes;
        }
    }

    @Test
    void countsSizesTimesAndWhatFollowsWhat() throws Exception {
        CallTally caller = new CallTally();
        CallTally server = new CallTally();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket here = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket there = listener.accept();
                CallPeer _ = CallPeer.over(there.getInputStream(), there.getOutputStream(), Disclosure.TO_CLIENT)
                        .observer(server)
                        .offer(Work.class, new Worker())
                        .start();
                CallPeer near = CallPeer.over(here.getInputStream(), here.getOutputStream(), Disclosure.TO_CLIENT)
                        .observer(caller)
                        .start()) {
            Work work = near.bind(Work.class, Duration.ofSeconds(10));
            for (int i = 0; i < 20; i++) {
                work.echo(new byte[100]);
            }
            work.rest(10);
            // Longer than that call took.
            Thread.sleep(2_000);
            work.rest(10);
        }

        List<MethodFigures> made = caller.figures();
        assertThat(made).extracting(MethodFigures::method).containsExactly("echo", "rest");
        MethodFigures echo = made.getFirst();
        assertThat(echo.calls()).isEqualTo(20);
        assertThat(echo.following()).isBetween(1L, 19L);
        assertThat(echo.mostAtOnce()).isOne();
        assertThat(echo.requestBytes().largest()).isBetween(100L, 200L);
        assertThat(echo.nanos().count()).isEqualTo(20);
        assertThat(echo.workNanos()).isEqualTo(Spread.NONE);
        assertThat(made.getLast().following()).isZero();
        assertThat(server.figures())
                .allSatisfy(each -> {
                    assertThat(each.side()).isEqualTo(Crossing.Side.SERVED);
                    assertThat(each.workNanos().count()).isEqualTo(each.calls());
                })
                .extracting(MethodFigures::calls)
                .containsExactly(20L, 2L);
    }
}
