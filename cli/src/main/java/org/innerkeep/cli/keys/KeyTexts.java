package org.innerkeep.cli.keys;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.innerkeep.cli.text.Shown;
import tools.jackson.databind.JsonNode;

/** What a vault says, for people. All of it came over the network and is escaped. */
final class KeyTexts {
    private KeyTexts() {}

    static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return Shown.line(value.isString() ? value.stringValue() : value.isMissingNode() || value.isNull() ? "" : value.toString());
    }

    /** A time that the vault tells; nothing where it tells none. */
    static Optional<Instant> time(JsonNode object, String name) {
        try {
            return Optional.of(Instant.parse(object.path(name).stringValue("")));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    static void key(PrintWriter out, JsonNode key) {
        out.println("key        " + text(key, "name") + ", " + text(key, "type") + " " + text(key, "parameter")
                + (key.has("deletedAt") ? ", deleted at " + text(key, "deletedAt") : ""));
        for (JsonNode version : key.path("versions").values()) {
            out.println("version    " + text(version, "id") + (version.path("enabled").booleanValue(false) ? "" : ", disabled")
                    + ", made at " + text(version, "createdAt"));
            if (version.has("recipient")) {
                out.println("recipient  " + text(version, "recipient"));
            }
        }
        if (key.path("grants").isEmpty()) {
            out.println("grants     none: no enclave gets anything of it");
        }
        key.path("grants").values().forEach(grant -> grant(out, grant));
    }

    static void grant(PrintWriter out, JsonNode grant) {
        out.println("grant      " + text(grant, "id")
                + (grant.has("revokedAt") ? ", revoked at " + text(grant, "revokedAt") : ""));
        restrictions(out, grant);
        out.println("  used     " + text(grant, "used") + (grant.has("uses") ? " of " + text(grant, "uses") : ""));
    }

    /** What a grant says, whether it was given or not. */
    static void restrictions(PrintWriter out, JsonNode grant) {
        code(out, grant);
        out.println("  on       " + words(grant.path("platforms")) + ", memory readable by " + text(grant, "memoryReadableBy")
                + " at most" + (grant.path("debug").booleanValue(false) ? ", debug accepted" : ""));
        optional(out, grant, "anchors", "  by       keeper or maker ");
        optional(out, grant, "job", "  job      ");
        optional(out, grant, "notBefore", "  from     ");
        optional(out, grant, "notAfter", "  until    ");
        optional(out, grant, "leaseSeconds", "  lease    seconds ");
        optional(out, grant, "uses", "  uses     at most ");
        optional(out, grant, "policy", "  policy   ");
    }

    /** Whose code a grant is for. */
    static void code(PrintWriter out, JsonNode grant) {
        if (grant.has("signer")) {
            out.println("  code     signer " + text(grant, "signer") + ", product " + text(grant, "productId") + ", version "
                    + text(grant, "leastVersion") + " or later");
        }
        for (JsonNode each : grant.path("measurements").values()) {
            out.println("  code     " + Shown.line(each.stringValue("")));
        }
    }

    private static void optional(PrintWriter out, JsonNode object, String name, String label) {
        if (object.has(name)) {
            JsonNode value = object.path(name);
            out.println(label + (value.isArray() ? words(value) : text(object, name)));
        }
    }

    private static String words(JsonNode array) {
        StringBuilder all = new StringBuilder();
        for (JsonNode each : array.values()) {
            all.append(all.isEmpty() ? "" : ", ").append(Shown.line(each.stringValue("")));
        }
        return all.toString();
    }

    /** How often enclaves of a kind asked, and what they got. */
    static String times(JsonNode asking) {
        long released = asking.path("released").longValue(0);
        long refused = asking.path("refused").longValue(0);
        return count(released + refused) + (refused == 0 ? " and got what it asked for"
                : released == 0 ? " and got nothing" : ": released " + count(released) + ", refused " + count(refused));
    }

    private static String count(long times) {
        return times == 1 ? "once" : times + " times";
    }

    /** Code that asked, in few words. */
    static String code(JsonNode asking) {
        if (!asking.has("signer")) {
            return text(asking, "enclave");
        }
        return "version " + text(asking, "securityVersion") + " of product " + text(asking, "productId") + ", signed by "
                + text(asking, "signer") + ", on " + text(asking, "platform")
                + (asking.path("debug").booleanValue(false) ? ", which can be debugged" : "");
    }

    /** Enclaves of one kind that asked. */
    static void asking(PrintWriter out, JsonNode asking, String grants) {
        out.println(code(asking));
        optional(out, asking, "measurement", "  measures ");
        optional(out, asking, "memoryReadableBy", "  memory   readable by ");
        out.println("  asked    " + times(asking) + ", last at " + text(asking, "lastAt"));
        optional(out, asking, "lastReleasedAt", "  released last at ");
        out.println("  grants   " + grants);
    }

    static void decision(PrintWriter out, JsonNode decision) {
        out.println(text(decision, "time") + " " + (decision.path("released").booleanValue(false) ? "released" : "refused")
                + " to " + text(decision, "enclave"));
        out.println("  file     header " + text(decision, "file"));
        optional(out, decision, "grant", "  grant    ");
        for (JsonNode each : decision.path("reasons").values()) {
            out.println("  " + Shown.line(each.stringValue("")));
        }
    }
}
