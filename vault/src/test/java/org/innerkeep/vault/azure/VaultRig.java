package org.innerkeep.vault.azure;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.models.KeyExportEncryptionAlgorithm;
import com.azure.security.keyvault.keys.models.KeyReleasePolicy;
import com.azure.security.keyvault.keys.models.ReleaseKeyOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.ServicePart;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.makers.Authority;
import org.innerkeep.vault.key.LoggedKeyStore;
import reactor.core.publisher.Mono;

/** A vault that runs over HTTPS on a loopback port of its own, beside an attestation service, and Azure's client of it. */
final class VaultRig implements AutoCloseable {
    /** What the makers' certificates are valid around. */
    @SuppressWarnings("TimeInStaticInitializer")
    static final Instant NOW = Instant.now();

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String USER_KEY = "the key of an environment that asks for keys";

    private final Path folder;
    private final String address;
    private final RunningService running;
    private final SSLContext trust;
    private final X509Certificate releaseCertificate;
    private final List<AzureVault> opened = new ArrayList<>();
    private final List<LoggedKeyStore> stores = new ArrayList<>();

    /**
     * Starts.
     *
     * @param authorities whose tokens are taken, by the address of the vault
     * @param settings changes of the usual settings
     * @param more settings of the service
     */
    VaultRig(
            Path folder,
            Function<VaultRig, List<org.innerkeep.vault.azure.Authority>> authorities,
            Function<AzureVault.Settings, AzureVault.Settings> settings,
            Map<String, String> more)
            throws IOException {
        this(folder, authorities, settings, InstantSource.system(), more);
    }

    /** As before, with another clock of the interface. */
    VaultRig(
            Path folder,
            Function<VaultRig, List<org.innerkeep.vault.azure.Authority>> authorities,
            Function<AzureVault.Settings, AzureVault.Settings> settings,
            InstantSource clock,
            Map<String, String> more)
            throws IOException {
        this.folder = folder;
        int port = freePort();
        this.address = "https://localhost:" + port;
        KeyPair keys = Authority.rsaKeys(2048);
        Instant now = Instant.now();
        this.releaseCertificate =
                SelfSigned.ofTokens(
                        address, keys, Optional.empty(), now, now.plus(Duration.ofDays(1)), Optional.empty(), RANDOM);
        ReleaseSigner signer = new ReleaseSigner(keys.getPrivate(), Optional.empty(), List.of(releaseCertificate));
        Path userKey = folder.resolve("user.key");
        if (!Files.exists(userKey)) {
            Files.createFile(userKey, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(userKey, USER_KEY);
        }
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put("folder", folder.resolve("state").toString());
        configuration.put("listen", "127.0.0.1:" + port);
        configuration.put("user-key-file", userKey.toString());
        // Nothing here asks for the service's own tokens, and the other kind of key takes seconds to make.
        configuration.put("token-algorithm", "ES256");
        configuration.putAll(more);
        ServicePart part = surroundings -> {
            LoggedKeyStore store = LoggedKeyStore.open(
                    surroundings.store(), WrappingKey.readOrCreate(folder.resolve("master.key"), RANDOM), RANDOM);
            AzureVault vault = new AzureVault(
                    settings.apply(AzureVault.Settings.of(address)),
                    new AzureVault.Parts(store, authorities.apply(this), new TestChallenges(), signer, surroundings.verifier(),
                            clock, Instant.MIN, RANDOM));
            stores.add(store);
            opened.add(vault);
            return new Part(store, vault);
        };
        this.running = RunningService.start(
                ServiceConfiguration.of(configuration), RunningService.Clocks.ofSystem(), List.of(part));
        this.trust = trust(running.trialCertificate().orElseThrow());
    }

    private record Part(LoggedKeyStore store, AzureVault vault) implements ServicePart.Opened {
        @Override
        public List<Route> routes() {
            return vault.routes();
        }

        @Override
        public List<String> said() {
            return List.of();
        }

        @Override
        public void close() {
            vault.close();
            store.close();
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SSLContext trust(Path certificate) throws IOException {
        try {
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            roots.setCertificateEntry("trial", Pem.certificates(certificate).getFirst());
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    String address() {
        return address;
    }

    AzureVault vault() {
        return opened.getFirst();
    }

    LoggedKeyStore store() {
        return stores.getFirst();
    }

    X509Certificate releaseCertificate() {
        return releaseCertificate;
    }

    HttpClient http() {
        return HttpClient.newBuilder().sslContext(trust).connectTimeout(Duration.ofSeconds(10)).build();
    }

    com.azure.core.http.HttpClient transport() {
        return new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(trust)).build();
    }

    String adminKey() {
        try {
            return Files.readString(running.adminKeyFile().orElseThrow()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String userKey() {
        return USER_KEY;
    }

    static TokenCredential credential(String token) {
        return request -> Mono.just(new AccessToken(token, OffsetDateTime.now(ZoneOffset.UTC).plusHours(1)));
    }

    /** Azure's client, unchanged: told the address, whom to trust for TLS and a credential; and that the vault is no part of Azure. */
    KeyClient client(String token) {
        return new KeyClientBuilder()
                .vaultUrl(address)
                .httpClient(transport())
                .credential(credential(token))
                .disableChallengeResourceVerification()
                .buildClient();
    }

    KeyClient owner() {
        return client(adminKey());
    }

    KeyClient user() {
        return client(USER_KEY);
    }

    /** A policy that wants an enclave of one signer, by one authority. */
    static KeyReleasePolicy policy(String authority) {
        return policy(authority, Environment.SIGNER);
    }

    static KeyReleasePolicy policy(String authority, String signer) {
        return new KeyReleasePolicy(BinaryData.fromString("{\"version\":\"1.0.0\",\"anyOf\":[{\"authority\":\"" + authority + "\",\"allOf\":["
                + "{\"claim\":\"x-ms-attestation-type\",\"equals\":\"sgx\"},"
                + "{\"claim\":\"x-ms-sgx-is-debuggable\",\"equals\":\"false\"},"
                + "{\"claim\":\"x-ms-sgx-mrsigner\",\"equals\":\"" + signer + "\"}]}]}"));
    }

    String release(String name, String version, String token, Wrapping wrapping) {
        return user().releaseKeyWithResponse(
                        name,
                        version,
                        token,
                        new ReleaseKeyOptions().setAlgorithm(KeyExportEncryptionAlgorithm.fromString(wrapping.name())),
                        Context.NONE)
                .getValue()
                .getValue();
    }

    /** A plain request, for what Azure's client does not send. */
    HttpResponse<String> send(String method, String path, Optional<String> body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body.map(HttpRequest.BodyPublishers::ofString).orElse(HttpRequest.BodyPublishers.noBody()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = http()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Bytes logId() {
        return running.logAnchor().id();
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        running.close();
    }
}
