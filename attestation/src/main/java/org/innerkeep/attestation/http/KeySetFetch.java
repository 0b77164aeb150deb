package org.innerkeep.attestation.http;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches an issuer's keys: within a time that ends with the last byte, no more than so many bytes, and from nowhere else than the address
 * says. Safe for use by several threads.
 */
final class KeySetFetch implements ResourceRetriever {
    private static final int MAX_BYTES = 1 << 20;
    private static final int OK = 200;

    private final HttpClient client;
    private final Duration total;

    /**
     * A fetch.
     *
     * @param client that follows no redirects
     * @param total for the whole of it
     */
    KeySetFetch(HttpClient client, Duration total) {
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException("keys of the OpenID issuer: expected a client that follows no redirects");
        }
        this.client = client;
        this.total = total;
    }

    @Override
    public Resource retrieveResource(URL address) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address.toString()))
                .header("Accept", "application/jwk-set+json, application/json")
                .timeout(total)
                .GET()
                .build();
        // The time of the request alone would end with the headers of the answer.
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(total.toNanos(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("keys of the OpenID issuer: expected status 200, found " + response.statusCode());
            }
            return new Resource(
                    new String(response.body(), StandardCharsets.UTF_8),
                    response.headers().firstValue("Content-Type").orElse("application/json"));
        } catch (TimeoutException e) {
            throw new IOException("keys of the OpenID issuer: no answer within " + total, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("keys of the OpenID issuer: interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException("keys of the OpenID issuer: no answer that can be used", e);
        } finally {
            answer.cancel(true);
        }
    }
}
