package org.innerkeep.cli.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A grant of a key, as its vault tells of it. */
final class HeldGrant {
    /** What the vault adds to what an owner said. */
    private static final List<String> ADDED = List.of("id", "used", "grantedAt", "grantedBy", "revokedAt", "revokedBy");

    private final ObjectNode grant;

    private HeldGrant(ObjectNode grant) {
        this.grant = grant;
    }

    /** All of a key, in the order in which they count. */
    static List<HeldGrant> of(JsonNode key) {
        List<HeldGrant> all = new ArrayList<>();
        for (JsonNode each : key.path("grants").values()) {
            if (each instanceof ObjectNode grant) {
                all.add(new HeldGrant(grant));
            }
        }
        return all;
    }

    ObjectNode json() {
        return grant;
    }

    String id() {
        return KeyTexts.text(grant, "id");
    }

    /** Whether it can still permit something. */
    boolean holds(Instant now) {
        boolean over = KeyTexts.time(grant, "notAfter").filter(end -> !now.isBefore(end)).isPresent();
        return !grant.has("revokedAt") && !over && (left().isEmpty() || left().getAsLong() > 0);
    }

    /** Whether it goes by who signed the code and which version it is, and not by what it measures to. */
    boolean bySigner() {
        return grant.has("signer");
    }

    boolean names(Version version) {
        if (bySigner()) {
            return version.signer().equals(grant.path("signer").stringValue(""))
                    && version.product() == grant.path("productId").longValue(-1)
                    && version.svn() >= grant.path("leastVersion").longValue(Long.MAX_VALUE);
        }
        return version.measurement().isPresent() && measurements().contains(version.measurement().get());
    }

    private List<String> measurements() {
        List<String> all = new ArrayList<>();
        grant.path("measurements").values().forEach(each -> all.add(each.stringValue("")));
        return all;
    }

    boolean acceptsDebug() {
        return grant.path("debug").booleanValue(false);
    }

    /** How many uses are left; nothing where there is no bound. */
    OptionalLong left() {
        return grant.has("uses")
                ? OptionalLong.of(grant.path("uses").longValue(0) - grant.path("used").longValue(0))
                : OptionalLong.empty();
    }

    Optional<Duration> lease() {
        return grant.has("leaseSeconds") ? Optional.of(Duration.ofSeconds(grant.path("leaseSeconds").longValue(0))) : Optional.empty();
    }

    /** The same once more, to be given: with no more uses than are left. */
    private ObjectNode again() {
        ObjectNode copy = grant.deepCopy();
        copy.remove(ADDED);
        left().ifPresent(left -> copy.put("uses", left));
        return copy;
    }

    /** The same restrictions for another version; of a grant that {@link #names} the first. */
    ObjectNode insteadOf(Version first, Version second) {
        ObjectNode copy = again();
        if (bySigner()) {
            copy.put("signer", second.signer());
            copy.put("leastVersion", second.svn());
            return copy;
        }
        List<String> others = measurements();
        others.replaceAll(each -> first.measurement().equals(Optional.of(each)) ? second.measurement().orElseThrow() : each);
        ArrayNode array = copy.putArray("measurements");
        others.stream().distinct().forEach(array::add);
        return copy;
    }

    /** The same, which ends by itself. */
    ObjectNode until(Instant end) {
        ObjectNode copy = again();
        Instant last = KeyTexts.time(grant, "notAfter").filter(each -> each.isBefore(end)).orElse(end);
        copy.put("notAfter", last.toString());
        return copy;
    }
}
