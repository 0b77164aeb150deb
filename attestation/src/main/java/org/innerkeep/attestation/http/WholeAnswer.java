package org.innerkeep.attestation.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An answer that is read within a time that ends with its last byte. The time of a request alone ends with the headers of the answer:
 * whoever answers could then keep the asker waiting by a body that never ends.
 */
public final class WholeAnswer {
    private WholeAnswer() {}

    /**
     * Asks, and reads the answer to its end. Blocks the calling thread.
     *
     * @param client that asks
     * @param request what is asked
     * @param total the time for all of it, from the connection to the last byte
     * @param maxBytes the most bytes of the body
     * @return the answer, whatever its status
     * @throws HttpTimeoutException if the time was not enough
     * @throws IOException if there is no answer, or one with a larger body; of the kind that the client gives for it, such as {@link
     *     java.net.ConnectException}; or if the thread was interrupted, which it then still is
     */
    public static HttpResponse<byte[]> of(HttpClient client, HttpRequest request, Duration total, int maxBytes) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
        try {
            return answer.get(total.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new HttpTimeoutException("no whole answer within " + total.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for an answer", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException("no answer that can be used", e);
        } finally {
            // Also ends an exchange that was not waited for.
            answer.cancel(true);
        }
    }
}
