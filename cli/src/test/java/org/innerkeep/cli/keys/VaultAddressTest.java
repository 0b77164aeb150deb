package org.innerkeep.cli.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** Servers that answer in ways that a vault does not. */
@Timeout(30)
final class VaultAddressTest {
    private static final Duration PATIENCE = Duration.ofMillis(700);

    private final CountDownLatch ended = new CountDownLatch(1);
    private HttpServer server;
    private HttpHandler handler = exchange -> {};

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> handler.handle(exchange));
        server.start();
    }

    @AfterEach
    void stop() {
        ended.countDown();
        server.stop(0);
    }

    @CommandLine.Command
    private static final class Impatient extends VaultAddress {
        @Override
        Duration patience() {
            return PATIENCE;
        }
    }

    private VaultAddress address() {
        Impatient address = new Impatient();
        new CommandLine(address).parseArgs("--server", "http://localhost:" + server.getAddress().getPort());
        return address;
    }

    @Test
    void anAnswerThatComesDropByDropIsWaitedForNoLongerThanItsTime() {
        handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                while (!ended.await(50, TimeUnit.MILLISECONDS)) {
                    out.write(' ');
                    out.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        long begin = System.nanoTime();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> address().exchange("POST", "/vault/keys/one/rotate", Optional.empty(), Optional.empty()))
                .withMessageContaining("no whole answer within 700 ms")
                .withMessageContaining("look before you repeat it");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(PATIENCE.minusMillis(100), PATIENCE.multipliedBy(10));
    }

    @Test
    void anAnswerThatIsTooLargeIsNotReadToItsEnd() {
        handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] filler = new byte[1 << 20];
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 64; i++) {
                    out.write(filler);
                }
            }
        };
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> address().getText("/vault"));
    }

    @Test
    void whatAServerRefusesIsSaidInItsWords() {
        handler = exchange -> {
            byte[] body = "{\"error\":{\"message\":\"not now\",\"details\":[{\"message\":\"and why\"}]}}".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        };
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> address().getText("/vault"))
                .withMessage("not now\n  and why");
    }
}
