package org.innerkeep.channel.release;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.channel.internal.json.Json;
import org.innerkeep.channel.internal.json.JsonException;
import org.jspecify.annotations.Nullable;

/**
 * Why a vault gave nothing, as it says it in JSON: {@code {"error":{"code":…,"message":…,"details":[{"message":…}]}}}. Not
 * signed: whoever carries it can have written it. All text is bounded, and of what is not printable ASCII only the place is left.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param status of HTTP
 * @param code such as {@code Forbidden}; empty if it said none
 * @param reasons the message, then every single reason
 */
public record VaultRefusal(int status, String code, List<String> reasons) {
    /** The most bytes that are read of it. */
    public static final int MAX_BYTES = Json.MAX_BYTES;

    private static final int SERVER_FAULTS = 500;
    private static final int NOT_OFFERED = 501;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int MAX_REASONS = 64;
    private static final int MAX_CODE_CHARS = 64;
    private static final int MAX_REASON_CHARS = 1000;

    /** Copies the list. */
    public VaultRefusal {
        reasons = List.copyOf(reasons);
    }

    /**
     * Reads a refusal, whatever was sent as one.
     *
     * @param status of HTTP
     * @param body hostile bytes
     * @return the refusal
     */
    public static VaultRefusal read(int status, byte[] body) {
        try {
            if (Json.decode(body).read() instanceof Json.Obj whole && whole.fields().get("error") instanceof Json.Obj error) {
                List<String> reasons = new ArrayList<>();
                text(error.fields().get("message"), reasons);
                if (error.fields().get("details") instanceof Json.Array details) {
                    for (Json.Value each : details.items()) {
                        if (reasons.size() == MAX_REASONS) {
                            reasons.add("and " + (details.items().size() - MAX_REASONS + 1) + " more");
                            break;
                        }
                        text(each instanceof Json.Obj detail ? detail.fields().get("message") : null, reasons);
                    }
                }
                String code = error.fields().get("code") instanceof Json.Text text ? shown(text.value(), MAX_CODE_CHARS) : "";
                return new VaultRefusal(status, code, reasons);
            }
        } catch (JsonException e) {
            // Something between the vault and here may answer in its own way: then the status has to do.
        }
        return new VaultRefusal(status, "", List.of("no explanation that could be read came with it"));
    }

    private static void text(Json.@Nullable Value value, List<String> reasons) {
        if (value instanceof Json.Text text) {
            reasons.add(shown(text.value(), MAX_REASON_CHARS));
        }
    }

    /**
     * Shortens text from outside and leaves what prints, so that a message cannot be made to look like another.
     *
     * @param outside hostile
     * @param most characters that are left of it
     * @return printable ASCII
     */
    public static String shown(String outside, int most) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(outside.length(), most); i++) {
            char c = outside.charAt(i);
            shown.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return shown.append(outside.length() > most ? "..." : "").toString();
    }

    /** {@return whether asking again may help: the vault, or what stands before it, cannot answer now} */
    public boolean passing() {
        return (status >= SERVER_FAULTS && status != NOT_OFFERED)
                || status == TOO_MANY_REQUESTS
                || status == TIMEOUT
                || status == CONFLICT;
    }

    /** {@return one line} */
    @Override
    public String toString() {
        return "status " + status + (code.isEmpty() ? "" : ", " + code) + ": " + String.join("; ", reasons);
    }
}
