package org.innerkeep.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;

/** What an attestation service answered: a token of which nothing is verified, or none. */
sealed interface ServiceAnswer {
    /**
     * A token.
     *
     * @param token hostile bytes
     */
    record Issued(Bytes token) implements ServiceAnswer {}

    /**
     * None.
     *
     * @param verdict that it is refused, or that it could not be found out
     */
    record Declined(Verdict verdict) implements ServiceAnswer {
        /** It could not be found out. */
        static Declined unavailable(String service, String found) {
            return new Declined(new Verdict.Undecided(List.of(reason(
                    Code.SERVICE_UNAVAILABLE,
                    service,
                    found,
                    "an answer of the attestation service",
                    "Nothing is trusted without it: see that the service runs, and that its address and TLS certificate are as they"
                            + " were pinned; then ask again."))));
        }
    }

    /** How much JSON is read of an answer. */
    JsonLimits LIMITS = new JsonLimits(TokenService.MAX_ANSWER_BYTES, 8, 4096);

    /** More reasons than these, or longer ones, help nobody. */
    int MAX_REASONS = 32;

    /** The most characters of a service's text. */
    int MAX_SHOWN = 4096;

    /**
     * Reads an answer.
     *
     * @param service its name, for messages
     * @param status of HTTP
     * @param body hostile bytes
     * @return what it comes to
     */
    static ServiceAnswer read(String service, int status, byte[] body) {
        Optional<Json.Obj> object = object(body);
        if (status == 200) {
            return object.flatMap(answer -> text(answer, "token"))
                    .<ServiceAnswer>map(token -> new Issued(Bytes.of(token.getBytes(StandardCharsets.UTF_8))))
                    .orElseGet(() -> Declined.unavailable(service, "an answer without a token"));
        }
        if (status / 100 == 3) {
            return Declined.unavailable(service, "status " + status + "; redirects are not followed");
        }
        Optional<Json.Obj> error = object.flatMap(answer -> answer.find("error"))
                .filter(Json.Obj.class::isInstance)
                .map(Json.Obj.class::cast);
        Optional<String> code = error.flatMap(each -> text(each, "code"));
        // Refusals are the client's fault by their status; everything else is a service that cannot answer now.
        if (status != 400 || code.isEmpty()) {
            return Declined.unavailable(
                    service, "status " + status + error.map(each -> ", " + shown(explained(each).getFirst())).orElse(""));
        }
        return new Declined(new Verdict.Refused(explained(error.get()).stream()
                .map(each -> reason(
                        Code.SERVICE_REFUSED,
                        service,
                        shown(code.get() + ": " + each),
                        "a token",
                        "If the enclave is as it should be, change the policy that is set at the service."))
                .toList()));
    }

    /** Every single reason, or the one message. */
    private static List<String> explained(Json.Obj error) {
        List<String> all = new ArrayList<>();
        if (error.find("details").orElse(null) instanceof Json.Arr details) {
            for (Json each : details.items()) {
                if (all.size() < MAX_REASONS && each instanceof Json.Obj detail) {
                    text(detail, "message").ifPresent(all::add);
                }
            }
        }
        if (all.isEmpty()) {
            all.add(text(error, "message").orElse("no reason"));
        }
        return all;
    }

    private static Optional<Json.Obj> object(byte[] body) {
        try {
            return Json.parse(body, LIMITS) instanceof Json.Obj object ? Optional.of(object) : Optional.empty();
        } catch (JsonException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Json.Obj object, String name) {
        return object.find(name).orElse(null) instanceof Json.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /** A service's text in one line of printable characters, so that a message cannot be made to look like another. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.strip().codePoints().limit(MAX_SHOWN).forEach(c -> {
            if (c == '\n') {
                shown.append(" | ");
            } else {
                shown.append(c >= ' ' && c <= '~' ? (char) c : '?');
            }
        });
        return shown.append(text.length() > MAX_SHOWN ? "..." : "").toString();
    }

    private static Reason reason(Code code, String service, String found, String wanted, String remedy) {
        return new Reason(code, "attestation service " + shown(service), found, wanted, remedy);
    }
}
