package org.innerkeep.endorsements;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.innerkeep.evidence.Bytes;

/** Gets one document within limits. Whatever goes wrong is an answer, never an exception. Safe for use by several threads. */
final class Fetcher {
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final int MAX_HEADER = 64 << 10;

    /** Waits before asking again. */
    @FunctionalInterface
    interface Pause {
        /** Waits so long. */
        void of(Duration time) throws InterruptedException;
    }

    /** What came of a request. */
    sealed interface Outcome {
        /** A document. */
        record Found(Bytes body, HttpHeaders headers) implements Outcome {
            /** A header of bounded length. */
            Optional<String> header(String name) {
                return headers.firstValue(name).filter(value -> value.length() <= MAX_HEADER);
            }
        }

        /** None, and why, for people. */
        record None(String problem) implements Outcome {}
    }

    private final HttpClient client;
    private final Limits limits;
    private final InstantSource clock;
    private final Pause pause;

    Fetcher(HttpClient client, Limits limits, InstantSource clock, Pause pause) {
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException("the HTTP client follows redirects: a service could send it anywhere; give one that never does");
        }
        this.client = client;
        this.limits = limits;
        this.clock = clock;
        this.pause = pause;
    }

    Fetcher(HttpClient client, Limits limits) {
        this(client, limits, InstantSource.system(), time -> Thread.sleep(time));
    }

    /**
     * Checks where a service is.
     *
     * @param base its address, HTTPS, or HTTP on this machine
     * @return the same, ending without a slash
     * @throws IllegalArgumentException if it is anything else
     */
    static String checked(URI base) {
        String scheme = Optional.ofNullable(base.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        String host = Optional.ofNullable(base.getHost()).orElse("");
        boolean here = host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}");
        if (host.isEmpty()
                || !(scheme.equals("https") || scheme.equals("http") && here)
                || base.getRawQuery() != null
                || base.getRawFragment() != null
                || base.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "address of a service: expected https://HOST, or http on this machine, without user, query or fragment");
        }
        String text = base.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** Gets the document at an address that is ours, composed of checked parts. */
    Outcome get(String address) {
        Instant end = clock.instant().plus(limits.total());
        Duration wait = FIRST_WAIT;
        for (int attempt = 1; ; attempt++) {
            HttpResponse<byte[]> response;
            try {
                response = exchange(address, Duration.between(clock.instant(), end));
            } catch (IOException e) {
                return new Outcome.None(address + ": " + e.getMessage());
            }
            int status = response.statusCode();
            if (status == 200) {
                return response.body().length == 0
                        ? new Outcome.None(address + ": an empty answer")
                        : new Outcome.Found(Bytes.of(response.body()), response.headers());
            }
            if (status != TOO_MANY_REQUESTS && status != UNAVAILABLE) {
                return new Outcome.None(address + ": status " + status + (status / 100 == 3 ? "; redirects are not followed" : ""));
            }
            Duration wanted = retryAfter(response.headers()).orElse(wait);
            boolean tooLong = wanted.compareTo(limits.longestWait()) > 0 || clock.instant().plus(wanted).isAfter(end);
            if (attempt >= limits.attempts() || tooLong) {
                return new Outcome.None(address + ": status " + status + " after " + attempt + (attempt == 1 ? " attempt" : " attempts")
                        + (tooLong ? ", and it wants a wait of " + wanted : ""));
            }
            try {
                pause.of(wanted);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Outcome.None(address + ": interrupted");
            }
            wait = wait.multipliedBy(2);
        }
    }

    /** One exchange, body included, within a time: the time of the request alone would end with the headers. */
    private HttpResponse<byte[]> exchange(String address, Duration left) throws IOException {
        if (left.isNegative() || left.isZero()) {
            throw new IOException("no answer within " + limits.total());
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(left).GET().build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, info -> new BoundedBody(info.statusCode() == 200 ? limits.maxBodyBytes() : 64 << 10));
        try {
            return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limits.total(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            // The text of others' exceptions may hold bytes from outside: only the kind of failure is told.
            throw new IOException(switch (e.getCause()) {
                case BoundedBody.TooLong tooLong -> "more than " + limits.maxBodyBytes() + " bytes";
                case HttpTimeoutException slow -> "no answer within " + limits.total();
                case ConnectException refused -> "no connection";
                case null -> "no answer";
                case Throwable other -> "no answer (" + other.getClass().getSimpleName() + ")";
            }, e);
        } finally {
            answer.cancel(true);
        }
    }

    /** RFC 9110 section 10.2.3: seconds, or a date. */
    private Optional<Duration> retryAfter(HttpHeaders headers) {
        Optional<String> value = headers.firstValue("Retry-After").filter(text -> text.length() <= 64);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value.get())));
        }
        try {
            Instant at = ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Duration left = Duration.between(clock.instant(), at);
            return Optional.of(left.isNegative() ? Duration.ZERO : left);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
