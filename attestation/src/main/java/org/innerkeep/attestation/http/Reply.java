package org.innerkeep.attestation.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;

/**
 * An answer.
 *
 * @param status the HTTP status
 * @param mediaType of the body
 * @param body may be empty
 * @param headers further headers
 * @param code of the problem, or {@code OK}, for logs
 */
public record Reply(int status, String mediaType, Bytes body, Map<String, String> headers, String code) {
    /** The media type of JSON. */
    public static final String JSON = "application/json; charset=utf-8";

    private static final StrictJson WRITER = StrictJson.upTo(1 << 20);

    /** Copies the headers. */
    public Reply {
        headers = Map.copyOf(headers);
    }

    /**
     * An answer in JSON.
     *
     * @param value what it says
     * @return the answer, of status 200
     */
    public static Reply json(Map<String, ?> value) {
        return json(value, Map.of());
    }

    /**
     * An answer in JSON.
     *
     * @param value what it says
     * @param headers further headers
     * @return the answer, of status 200
     */
    public static Reply json(Map<String, ?> value, Map<String, String> headers) {
        return new Reply(200, JSON, Bytes.of(WRITER.write(value)), headers, "OK");
    }

    /**
     * An answer of bytes.
     *
     * @param mediaType what they are
     * @param body the bytes
     * @return the answer, of status 200
     */
    public static Reply of(String mediaType, byte[] body) {
        return new Reply(200, mediaType, Bytes.of(body), Map.of(), "OK");
    }

    /** {@return an answer without a body, of status 204} */
    public static Reply noContent() {
        return new Reply(204, JSON, Bytes.EMPTY, Map.of(), "OK");
    }

    /**
     * An answer in text.
     *
     * @param mediaType what it is
     * @param body the text, in UTF-8
     * @return the answer, of status 200
     */
    public static Reply text(String mediaType, String body) {
        return of(mediaType, body.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A problem, in the shape that clients of the interface read: an empty or another body makes some of them fail in odd ways.
     *
     * @param problem why it is not done
     * @return the answer, of the status of the problem's code
     */
    public static Reply problem(Problem problem) {
        return problem(problem, Route.BEARER);
    }

    /** As before, with the {@code WWW-Authenticate} for a caller who has not shown who it is. */
    static Reply problem(Problem problem, String challenge) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", problem.code().toString());
        error.put("message", problem.message());
        if (!problem.details().isEmpty()) {
            List<Map<String, String>> details = new ArrayList<>();
            problem.details().forEach(each -> details.add(Map.of("code", problem.code().toString(), "message", each)));
            error.put("details", details);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-ms-error-code", problem.code().toString());
        switch (problem.code()) {
            case UNAUTHORIZED -> headers.put("WWW-Authenticate", challenge);
            case TOO_MANY_REQUESTS, UNDECIDED, UNAVAILABLE -> headers.put("Retry-After", "2");
            default -> {}
        }
        return new Reply(
                problem.code().status(), JSON, Bytes.of(WRITER.write(Map.of("error", error))), headers, problem.code().toString());
    }
}
