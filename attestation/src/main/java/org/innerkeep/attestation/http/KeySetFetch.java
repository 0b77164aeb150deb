package org.innerkeep.attestation.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.innerkeep.evidence.token.Jwk;

/**
 * Fetches an issuer's key set: within a time that ends with the last byte, no more than {@link Jwk#MAX_SET_BYTES} bytes, and from nowhere
 * else than the address says. What comes is not looked at. Safe for use by several threads.
 */
public final class KeySetFetch {
    private static final int OK = 200;

    private final HttpClient client;
    private final Duration total;

    /**
     * A fetch.
     *
     * @param client that follows no redirects
     * @param total for the whole of it
     * @throws IllegalArgumentException if the client follows redirects
     */
    public KeySetFetch(HttpClient client, Duration total) {
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException("key set of an issuer: expected a client that follows no redirects");
        }
        this.client = client;
        this.total = total;
    }

    /**
     * Fetches.
     *
     * @param address of the key set
     * @return the body of the answer
     * @throws IOException if there is none that can be used, or another status than 200
     */
    public byte[] fetch(URI address) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Accept", "application/jwk-set+json, application/json")
                .timeout(total)
                .GET()
                .build();
        HttpResponse<byte[]> answer;
        try {
            answer = WholeAnswer.of(client, request, total, Jwk.MAX_SET_BYTES);
        } catch (IOException e) {
            throw new IOException("key set " + address + ": " + e.getMessage(), e);
        }
        if (answer.statusCode() != OK) {
            throw new IOException("key set " + address + ": expected status 200, found " + answer.statusCode());
        }
        return answer.body();
    }
}
