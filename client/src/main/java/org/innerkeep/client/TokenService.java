package org.innerkeep.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;

/**
 * An attestation service that a relying party lets decide; see {@link Trust#token}. This project's own service, at its path
 * {@code /attest/Evidence}, which takes every kind of evidence and says everything that it proved.
 *
 * <p>Two things of it are pinned, and nothing leads to others: who its TLS certificate is from, and the keys that sign its tokens.
 * Whoever breaks the first signs no token. They see the evidence, can keep an answer back, and can ask the service in the client's place:
 * about other evidence, which is bound to another session and refused; or about this evidence with endorsements of their own choice, such
 * as older ones that are still valid.
 *
 * <p>A service changes its keys: it publishes the next one {@code key-overlap} before that signs (two days unless it is set otherwise). Get
 * {@code /certs} anew at least that often, in a way that you trust, and pin what it says; who does not is refused once the next key signs.
 *
 * <p>Immutable, safe for use by several threads. Its connections are kept open for a while, and for as long as the object is used.
 */
public final class TokenService {
    /**
     * The longest that a service may take: two answers fit into the time that a session has to begin. Where that time ends while an
     * answer is waited for, the wait goes on to its own end: a session then fails after its time and one wait more, at most.
     */
    public static final Duration MAX_WAIT = Duration.ofSeconds(10);

    /** The most bytes of an answer, header lines aside. */
    static final int MAX_ANSWER_BYTES = 1 << 20;

    private static final int NONCE_BYTES = 32;
    private static final String PATH = "/attest/Evidence?api-version=2020-10-01";

    private final URI operation;
    private final TokenIssuer issuer;
    private final Optional<Bytes> policyHash;
    private final Duration wait;
    private final HttpClient client;
    private final SecureRandom random = new SecureRandom();

    private TokenService(URI operation, TokenIssuer issuer, Optional<Bytes> policyHash, Duration wait, HttpClient client) {
        this.operation = operation;
        this.issuer = issuer;
        this.policyHash = policyHash;
        this.wait = wait;
        this.client = client;
    }

    /**
     * A service.
     *
     * @param address {@code https://HOST} or {@code https://HOST:PORT}, with a path before the operations if it has one
     * @param issuer who issues its tokens, with the keys that are pinned
     * @param authorities certificates of authorities, or the server's own, that are pinned for its TLS: at least one; no other is
     *     trusted, those of the Java runtime neither. The server's certificate must be for the host of the address
     * @return the service, which has {@link #MAX_WAIT} for each answer
     * @throws IllegalArgumentException if the address has another form, no key of the issuer is pinned but its root alone, or no
     *     certificate is given
     */
    public static TokenService at(URI address, TokenIssuer issuer, X509Certificate... authorities) {
        String text = address.toString();
        if (!"https".equals(Optional.ofNullable(address.getScheme()).orElse("").toLowerCase(Locale.ROOT))
                || address.getHost() == null
                || address.getRawUserInfo() != null
                || address.getRawQuery() != null
                || address.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "address of an attestation service: expected https://HOST, without user, query or fragment, found '" + text + "'");
        }
        if (issuer.keys().isEmpty()) {
            throw new IllegalArgumentException("issuer " + issuer.issuer() + ": only a root is pinned, and the tokens of this service bring"
                    + " no certificates that could lead to it; pin its keys, from /certs");
        }
        if (authorities.length == 0) {
            throw new IllegalArgumentException("give the certificate of at least one authority for the service's TLS");
        }
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(MAX_WAIT)
                .sslContext(pinned(List.of(authorities)))
                .sslParameters(new SSLParameters(null, new String[] {"TLSv1.3", "TLSv1.2"}))
                .build();
        String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return new TokenService(URI.create(base + PATH), issuer, Optional.empty(), MAX_WAIT, client);
    }

    /**
     * Pins the policy by which the service decides about {@code Evidence}: a token that another one permitted is refused. Whoever knows
     * that this policy says which code is trusted need not say so again in {@link Trust}.
     *
     * @param hash what tokens have as {@code x-ms-policy-hash}, in base64url without padding: SHA-256 over the ASCII characters that the
     *     policy's text, in UTF-8, is in base64url without padding; 32 bytes
     * @return a changed copy
     * @throws IllegalArgumentException if it has another length
     */
    public TokenService policyHash(Bytes hash) {
        if (hash.length() != 32) {
            throw new IllegalArgumentException("hash of a policy: expected 32 bytes, found " + hash.length());
        }
        return new TokenService(operation, issuer, Optional.of(hash), wait, client);
    }

    /**
     * Changes how long the service may take for an answer, from the begin of the connection to the last byte.
     *
     * @param most more than zero, at most {@link #MAX_WAIT}
     * @return a changed copy
     * @throws IllegalArgumentException if it is anything else
     */
    public TokenService within(Duration most) {
        if (most.isNegative() || most.isZero() || most.compareTo(MAX_WAIT) > 0) {
            throw new IllegalArgumentException("wait for an attestation service: expected up to " + MAX_WAIT + ", found " + most);
        }
        return new TokenService(operation, issuer, policyHash, most, client);
    }

    /** {@return who issues its tokens} */
    public TokenIssuer issuer() {
        return issuer;
    }

    /** {@return the hash of the policy by which it has to decide, if one is pinned} */
    Optional<Bytes> policyHash() {
        return policyHash;
    }

    private static SSLContext pinned(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java runtime offers no TLS", e);
        }
    }

    /**
     * Lets the service decide about evidence.
     *
     * @param evidence hostile bytes
     * @param clock the time
     * @return the claims of a token that was made just now for this very request and over a kind of evidence that was sent; or why the
     *     service refuses, or why it could not be found out. What the evidence is bound to is not compared yet
     */
    Verdict decide(byte[] evidence, InstantSource clock) {
        Set<String> kinds = AttestedKinds.of(evidence);
        if (kinds.isEmpty()) {
            return new Verdict.Refused(List.of(new Reason(
                    Code.KIND_UNKNOWN,
                    "evidence",
                    evidence.length + " bytes of an unknown kind",
                    "a kind that can be sent to an attestation service",
                    "Check that the address is that of an enclave.")));
        }
        byte[] made = new byte[NONCE_BYTES];
        random.nextBytes(made);
        Bytes nonce = Bytes.of(made);
        return switch (ask(evidence, nonce)) {
            case ServiceAnswer.Issued issued ->
                // Only now what time it is: the token is younger than the question.
                TokenVerification.of(Set.of(issuer), Optional.of(nonce), Optional.empty())
                        .betweenClocks()
                        .verify(issued.token().toArray(), kinds, clock.instant());
            case ServiceAnswer.Declined declined -> declined.verdict();
        };
    }

    private ServiceAnswer ask(byte[] evidence, Bytes nonce) {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String body = "{\"evidence\":\"" + url.encodeToString(evidence) + "\",\"nonce\":\"" + url.encodeToString(nonce.toArray()) + "\"}";
        HttpRequest request = HttpRequest.newBuilder(operation)
                .timeout(wait)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.US_ASCII))
                .build();
        // The time of the request alone would end with the headers of the answer.
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return ServiceAnswer.read(issuer.issuer(), response.statusCode(), response.body());
        } catch (TimeoutException e) {
            return silent("no answer within " + wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return silent("nothing: the wait was interrupted");
        } catch (ExecutionException e) {
            return silent(failure(e));
        } finally {
            answer.cancel(true);
        }
    }

    /** Only the kind of failure is told: the text of others' exceptions may hold bytes from outside. */
    private String failure(ExecutionException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SSLException _ -> {
                    return "a server whose certificate is not from a pinned authority, not for this host, or that speaks no TLS";
                }
                case HttpTimeoutException _ -> {
                    return "no answer within " + wait;
                }
                case ConnectException _ -> {
                    return "no connection";
                }
                default -> {}
            }
        }
        return "no answer of at most " + MAX_ANSWER_BYTES + " bytes in the form of HTTP";
    }

    private ServiceAnswer silent(String found) {
        return ServiceAnswer.Declined.unavailable(issuer.issuer(), found);
    }
}
