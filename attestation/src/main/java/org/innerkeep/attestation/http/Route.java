package org.innerkeep.attestation.http;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.evidence.Bytes;

/**
 * One operation.
 *
 * @param name unique, for metrics, logs and the OpenAPI document
 * @param method such as {@code GET}
 * @param template the path, with at most one {@code {type}}, which is a segment of letters and digits
 * @param summary what it does, for the OpenAPI document
 * @param needs what the caller must be allowed to
 * @param versioned whether {@code api-version} is needed
 * @param mediaTypes of the body; none where there is no body
 * @param maxBodyBytes the most bytes of a body
 * @param action what is done
 */
record Route(
        String name,
        String method,
        String template,
        String summary,
        Access needs,
        boolean versioned,
        List<String> mediaTypes,
        int maxBodyBytes,
        Action action) {
    private static final String VARIABLE = "{type}";

    /** What is done when an operation is called. */
    interface Action {
        Reply run(Call call) throws RefusedException;
    }

    /**
     * A call, admitted and read.
     *
     * @param type the variable segment of the path; empty where the path has none
     * @param body its bytes
     * @param caller who called
     * @param requestId of this request
     */
    record Call(String type, Bytes body, Caller caller, String requestId) {}

    Route {
        mediaTypes = List.copyOf(mediaTypes);
    }

    /**
     * Tells whether a path is of this route.
     *
     * @param path hostile text
     * @return the variable segment, empty where there is none; or nothing
     */
    Optional<String> match(String path) {
        int at = template.indexOf(VARIABLE);
        if (at < 0) {
            return template.equals(path) ? Optional.of("") : Optional.empty();
        }
        String before = template.substring(0, at);
        String after = template.substring(at + VARIABLE.length());
        if (path.length() <= before.length() + after.length() || !path.startsWith(before) || !path.endsWith(after)) {
            return Optional.empty();
        }
        Matcher segment = Segments.NAME.matcher(path.substring(before.length(), path.length() - after.length()));
        return segment.matches() ? Optional.of(segment.group()) : Optional.empty();
    }

    private static final class Segments {
        static final Pattern NAME = Pattern.compile("[A-Za-z0-9]{1,64}");
    }
}
