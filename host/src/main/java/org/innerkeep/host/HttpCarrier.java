package org.innerkeep.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.NotCarriedException.Code;
import org.innerkeep.channel.release.NotCarriedException.Detail;
import org.innerkeep.channel.release.RegisterResponse;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultRefusal;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.AttestedContext;

/**
 * Carries to vaults over HTTP, within what the operator allows. Whatever an enclave asks for, and whatever answers, takes bounded
 * memory and time. Safe for use by several threads. Close it to end its connections and threads.
 */
public final class HttpCarrier implements VaultCarrier, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    /** Exchanges at once: with each as large as it may be, some 40 MiB. */
    private static final int MAX_EXCHANGES = 16;

    private static final Pattern KEY = Pattern.compile("[0-9a-z-]{1,127}");
    private static final Pattern FILE = Pattern.compile("[0-9A-Za-z_-][0-9A-Za-z._-]{0,254}");
    private static final int MAX_SHOWN = 300;
    private static final int MAX_CAUSES = 10;

    private final Map<String, HttpClient> clients;
    private final Optional<Path> folder;
    private final Duration limit;
    private final Semaphore places = new Semaphore(MAX_EXCHANGES);

    private HttpCarrier(Map<String, HttpClient> clients, Optional<Path> folder, Duration limit) {
        this.clients = clients;
        this.folder = folder;
        this.limit = limit;
    }

    /**
     * Prepares.
     *
     * @throws IOException if certificates cannot be read
     */
    static HttpCarrier within(VaultAccess access) throws IOException {
        return within(access, ANSWER);
    }

    static HttpCarrier within(VaultAccess access, Duration limit) throws IOException {
        Map<String, HttpClient> clients = new HashMap<>();
        for (Map.Entry<String, VaultAccess.Known> vault : access.vaults().entrySet()) {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER);
            switch (vault.getValue()) {
                case VaultAccess.Known.OfSystem() -> { }
                case VaultAccess.Known.ByAuthorities(Path file) -> builder.sslContext(Authorities.only(file));
                case VaultAccess.Known.ByEvidence(Appraiser appraiser) -> builder.sslContext(AttestedContext.clientContext(appraiser));
            }
            clients.put(vault.getKey(), builder.build());
        }
        return new HttpCarrier(Map.copyOf(clients), access.folder(), limit);
    }

    @Override
    public Answer challenge(String vault) throws NotCarriedException {
        return post(vault, "/vault/challenges", HttpRequest.BodyPublishers.noBody(), Challenge.MAX_BYTES);
    }

    @Override
    public Answer release(String vault, String key, byte[] call) throws NotCarriedException {
        if (!KEY.matcher(key).matches() || call.length > ReleaseCall.MAX_BYTES) {
            throw failed(
                    Code.NOT_ALLOWED, "expected the name of a key, and a call of at most " + ReleaseCall.MAX_BYTES + " bytes");
        }
        String path = "/vault/keys/" + key + "/file-key";
        return post(vault, path, HttpRequest.BodyPublishers.ofByteArray(call), ReleaseResponse.MAX_BYTES);
    }

    @Override
    public Answer register(String vault, String key, byte[] call) throws NotCarriedException {
        if (!KEY.matcher(key).matches() || call.length > ReleaseCall.MAX_BYTES) {
            throw failed(Code.NOT_ALLOWED, "expected the name of a key, and a call of at most " + ReleaseCall.MAX_BYTES + " bytes");
        }
        return post(vault, "/vault/keys/" + key + "/register", HttpRequest.BodyPublishers.ofByteArray(call), RegisterResponse.MAX_BYTES);
    }

    private Answer post(String vault, String path, HttpRequest.BodyPublisher body, int most) throws NotCarriedException {
        HttpClient client = clients.get(vault);
        if (client == null) {
            throw failed(Code.NOT_ALLOWED, "this host may not carry to " + VaultRefusal.shown(vault, MAX_SHOWN)
                    + ": its operator has to name that vault");
        }
        if (!places.tryAcquire()) {
            throw failed(Code.BUSY, "this host carries " + MAX_EXCHANGES + " requests already");
        }
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault + path)).timeout(limit).POST(body);
            if (body.contentLength() != 0) {
                request.header("Content-Type", ReleaseCall.MEDIA_TYPE);
            }
            return exchange(client, request.build(), most);
        } finally {
            places.release();
        }
    }

    /** Body included: the time of a request alone would end with the headers. */
    private Answer exchange(HttpClient client, HttpRequest request, int most) throws NotCarriedException {
        CompletableFuture<HttpResponse<byte[]>> coming = client.sendAsync(request, info -> HttpResponse.BodySubscribers.limiting(
                HttpResponse.BodySubscribers.ofByteArray(), info.statusCode() == 200 ? most : VaultRefusal.MAX_BYTES));
        try {
            HttpResponse<byte[]> response = coming.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return new Answer(response.statusCode(), response.body());
        } catch (TimeoutException e) {
            throw failed(Code.TOO_LATE, request.uri() + ": no whole answer within " + limit.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(Code.TOO_LATE, request.uri() + ": the enclave did not wait for the answer");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (isOfCertificate(cause)) {
                throw failed(Code.NOT_TRUSTED, request.uri() + ": neither the certificates that the operator named, or else of"
                        + " the system, nor its evidence where that was asked for, vouch for this server");
            }
            throw failed(Code.UNREACHABLE, request.uri() + ": no answer that could be read: " + cause.getClass().getSimpleName()
                    + ", " + VaultRefusal.shown(String.valueOf(cause.getMessage()), MAX_SHOWN));
        } finally {
            coming.cancel(true);
        }
    }

    private static boolean isOfCertificate(Throwable failure) {
        Throwable each = failure;
        for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
            if (each instanceof CertificateException) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    @Override
    public InputStream file(String name) throws NotCarriedException {
        if (folder.isEmpty()) {
            throw failed(Code.NOT_ALLOWED, "this host gives no files: its operator has to name a folder of sealed files");
        }
        if (!FILE.matcher(name).matches()) {
            throw failed(Code.NOT_ALLOWED, "expected a name of letters, digits, dots, hyphens and underscores");
        }
        Path file = folder.get().resolve(name);
        try {
            // Looked at before it is opened, for to open a pipe would be to wait.
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw failed(Code.NO_SUCH_FILE, "there is no ordinary file '" + name + "' in the folder of sealed files");
            }
            return Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw failed(Code.NO_SUCH_FILE, "'" + name + "' cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /** Ends what is carried now, and carries nothing more: then every request fails as if the vault could not be reached. */
    @Override
    public void close() {
        // Not waiting for answers: whoever asked for them is gone.
        clients.values().forEach(HttpClient::shutdownNow);
    }

    private static NotCarriedException failed(Code code, String problem) {
        return new NotCarriedException(new Detail(code, problem));
    }
}
