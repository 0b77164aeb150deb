package org.innerkeep.cli.keys;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What taking a grant back does not undo, said whenever one is taken back. */
final class Afterwards {
    private Afterwards() {}

    /**
     * Says it.
     *
     * @param out where to
     * @param key the key's name
     * @param revoked grants that were taken back
     * @param log of the key, as the vault gives it
     */
    static void say(PrintWriter out, String key, List<HeldGrant> revoked, JsonNode log) {
        out.println("This does not undo:");
        for (HeldGrant each : revoked) {
            Optional<String> last = lastRelease(each, log);
            String by = "  what grant " + each.id() + " released";
            if (last.isEmpty()) {
                out.println(by + ": of the last decisions none was a release by it");
            } else if (each.lease().isPresent()) {
                out.println(by + ", last at " + last.get() + ": enclaves keep each file key until its lease of " + words(each.lease().get())
                        + " is over");
            } else {
                out.println(by + ", last at " + last.get() + ": the grant had no lease, so enclaves keep the file keys for as long as they"
                        + " run; have the operator end them");
            }
        }
        out.println("  copies: it is the granted code that ends with its lease. If it was not what you took it for, what it read is out;"
                + " seal what is new to the next version of the key ('innerkeep keys rotate " + key + "')");
        out.println("  results that enclaves gave out");
    }

    private static Optional<String> lastRelease(HeldGrant grant, JsonNode log) {
        for (JsonNode each : log.path("decisions").values()) {
            if (each.path("released").booleanValue(false) && grant.id().equals(KeyTexts.text(each, "grant"))) {
                return Optional.of(KeyTexts.text(each, "time"));
            }
        }
        return Optional.empty();
    }

    static String words(Duration duration) {
        long seconds = duration.toSeconds();
        long unit = seconds % 86_400 == 0 ? 86_400 : seconds % 3600 == 0 ? 3600 : seconds % 60 == 0 ? 60 : 1;
        String name = unit == 86_400 ? "day" : unit == 3600 ? "hour" : unit == 60 ? "minute" : "second";
        long count = seconds / unit;
        return count + " " + name + (count == 1 ? "" : "s");
    }
}
