package org.innerkeep.attestation.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.evidence.Bytes;

/**
 * One operation.
 *
 * @param name unique, for metrics, logs and the OpenAPI document
 * @param method such as {@code GET}
 * @param template the path. A segment that begins with <code>{name}</code> is a variable of 1 to 127 letters, digits and hyphens; one
 *     that begins with <code>{name?}</code> may be empty as well. What stands behind it in the segment, such as {@code :reset}, is as it is
 * @param summary what it does, for the OpenAPI document
 * @param needs what the caller must be allowed to
 * @param versions values of {@code api-version}, of which one is needed; none where none is
 * @param mediaTypes of the body; none where there is no body
 * @param maxBodyBytes the most bytes of a body
 * @param action what is done
 * @param challenge the {@code WWW-Authenticate} of an answer to callers who have not shown who they are, beginning with {@code Bearer}
 */
public record Route(
        String name,
        String method,
        String template,
        String summary,
        Access needs,
        Set<String> versions,
        List<String> mediaTypes,
        int maxBodyBytes,
        Action action,
        String challenge) {
    /** A challenge that says nothing but that a token is needed. */
    public static final String BEARER = "Bearer";

    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9-]{1,127}");

    /** What is done when an operation is called. */
    @FunctionalInterface
    public interface Action {
        /**
         * Does it.
         *
         * @param call the call
         * @return the answer
         * @throws RefusedException if it is not done
         */
        Reply run(Call call) throws RefusedException;
    }

    /**
     * A call, admitted and read.
     *
     * @param variables the variable segments of the path by their names
     * @param query finds a parameter of the query: its first value, decoded; hostile
     * @param body its bytes; hostile
     * @param caller who called
     * @param requestId of this request
     */
    public record Call(
            Map<String, String> variables, Function<String, Optional<String>> query, Bytes body, Caller caller, String requestId) {
        /** Copies the variables. */
        public Call {
            variables = Map.copyOf(variables);
        }

        /**
         * A variable segment of the path.
         *
         * @param name its name in the template
         * @return what stood there; hostile, of letters, digits and hyphens
         */
        public String variable(String name) {
            return variables.getOrDefault(name, "");
        }
    }

    /**
     * An operation whose challenge says nothing but that a token is needed.
     *
     * @param name as above
     * @param method as above
     * @param template as above
     * @param summary as above
     * @param needs as above
     * @param versions as above
     * @param mediaTypes as above
     * @param maxBodyBytes as above
     * @param action as above
     */
    public Route(
            String name,
            String method,
            String template,
            String summary,
            Access needs,
            Set<String> versions,
            List<String> mediaTypes,
            int maxBodyBytes,
            Action action) {
        this(name, method, template, summary, needs, versions, mediaTypes, maxBodyBytes, action, BEARER);
    }

    /** Copies the lists. */
    public Route {
        versions = Set.copyOf(versions);
        mediaTypes = List.copyOf(mediaTypes);
    }

    /**
     * Tells whether a path is of this route.
     *
     * @param path hostile text
     * @return the variable segments by their names; or nothing
     */
    Optional<Map<String, String>> match(String path) {
        String[] wanted = template.split("/", -1);
        String[] found = path.split("/", -1);
        if (wanted.length != found.length) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            if (!matches(wanted[i], found[i], variables)) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }

    private static boolean matches(String wanted, String found, Map<String, String> variables) {
        if (!wanted.startsWith("{")) {
            return wanted.equals(found);
        }
        int end = wanted.indexOf('}');
        boolean mayBeEmpty = wanted.charAt(end - 1) == '?';
        String rest = wanted.substring(end + 1);
        if (!found.endsWith(rest)) {
            return false;
        }
        String value = found.substring(0, found.length() - rest.length());
        if (!VALUE.matcher(value).matches() && !(mayBeEmpty && value.isEmpty())) {
            return false;
        }
        variables.put(wanted.substring(1, mayBeEmpty ? end - 1 : end), value);
        return true;
    }

    /** {@return the names of the variables of the template, in their order} */
    List<String> variableNames() {
        return Pattern.compile("\\{([a-z]+)\\??}").matcher(template).results().map(each -> each.group(1)).toList();
    }
}
