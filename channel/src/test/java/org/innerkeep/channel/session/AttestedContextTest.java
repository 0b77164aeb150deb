package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.evidence.Reason.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttestedContextTest {
    private final TestPlatform platform = new TestPlatform("platform");

    private SSLContext enclave() throws IOException {
        return AttestedContext.serverContext(SessionKey.create(platform.enclave(1), new SecureRandom()));
    }

    private static String get(SSLContext server, SSLContext client) throws Exception {
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(server));
        https.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(new byte[] {'o', 'k'});
            exchange.close();
        });
        https.start();
        try (HttpClient http = HttpClient.newBuilder().sslContext(client).build()) {
            URI uri = URI.create("https://localhost:" + https.getAddress().getPort() + "/");
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } finally {
            https.stop(0);
        }
    }

    @Test
    void anHttpClientReachesAnEnclaveWithoutNamesOrAuthorities() throws Exception {
        assertThat(get(enclave(), AttestedContext.clientContext(platform))).isEqualTo("ok");
        assertThat(platform.appraised()).containsOnly(Purpose.CERTIFICATE).isNotEmpty();
    }

    @Test
    void anHttpClientRefusesAServerWhoseEvidenceIsOfAnotherPlatform() throws Exception {
        SSLContext strangers = AttestedContext.serverContext(
                SessionKey.create(new TestPlatform("another").enclave(1), new SecureRandom()));
        Throwable failure = catchThrowable(() -> get(strangers, AttestedContext.clientContext(platform)));
        assertThat(refusalsBehind(failure))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.refusal().has(Code.SIGNATURE_INVALID)).isTrue());
    }

    @Test
    void anHttpClientRefusesAnOrdinaryServer() throws Exception {
        KeyPair pair = HostileServer.keyPair();
        SSLContext ordinary =
                HostileServer.context(pair.getPrivate(), HostileServer.read(HostileServer.certificate(pair)));
        Throwable failure = catchThrowable(() -> get(ordinary, AttestedContext.clientContext(platform)));
        assertThat(refusalsBehind(failure))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.refusal().has(Code.MALFORMED)).isTrue());
    }

    private static List<SessionRefusedException> refusalsBehind(Throwable failure) {
        List<SessionRefusedException> found = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SessionRefusedException refusal) {
                found.add(refusal);
            }
        }
        return found;
    }

    @Test
    void eachConnectionIsAppraisedAlsoByAClientThatCouldResume() throws Exception {
        SSLContext server = enclave();
        SSLContext client = AttestedContext.clientContext(platform);
        for (int i = 1; i <= 3; i++) {
            connect(server, client, "TLSv1.3");
            assertThat(platform.appraised()).hasSize(i);
        }
    }

    @Test
    void refusesAnOlderTlsThatALibraryEnables() throws Exception {
        Throwable failure =
                catchThrowable(() -> connect(enclave(), AttestedContext.clientContext(platform), "TLSv1.2"));
        assertThat(failure).rootCause().isInstanceOf(CertificateException.class).hasMessageContaining("TLSv1.2");
        assertThat(platform.appraised()).isEmpty();
    }

    private static void connect(SSLContext server, SSLContext client, String version) throws Exception {
        try (SSLServerSocket listener = (SSLServerSocket) server.getServerSocketFactory()
                        .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SSLSocket socket = (SSLSocket) client.getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
            Thread peer = Thread.startVirtualThread(() -> {
                try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                    accepted.getOutputStream().write(accepted.getInputStream().read());
                } catch (IOException e) {
                    // The client refused; its side of the test says whether it should have.
                }
            });
            socket.setEnabledProtocols(new String[] {version});
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isOne();
            peer.join();
        }
    }

    @Test
    void trustsNoClientsAndNothingWithoutAConnection() {
        EvidenceTrustManager trust = new EvidenceTrustManager(platform);
        assertThatThrownBy(() -> trust.checkServerTrusted(new X509Certificate[0], "EC"))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("no connection");
        assertThatThrownBy(() -> trust.checkClientTrusted(new X509Certificate[0], "EC"))
                .isInstanceOf(CertificateException.class);
        assertThat(trust.getAcceptedIssuers()).isEmpty();
    }
}
