package org.innerkeep.vault.azure;

import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a key is rotated: in the words of Azure Key Vault's rotation policies, which are also the stored form.
 *
 * @param actions what is done when; at most one that rotates
 * @param expiryTime how long a version is valid once it was made by rotation
 */
record RotationRules(List<Action> actions, Optional<Period> expiryTime) {
    private static final StrictJson JSON = StrictJson.upTo(16 << 10);
    private static final int MAX_ACTIONS = 4;
    private static final int LEAST_DAYS = 7;
    private static final int DAYS_OF_YEAR = 365;
    private static final int DAYS_OF_MONTH = 30;
    private static final int MOST_DAYS = 100 * DAYS_OF_YEAR;

    /** What a key has that nothing was set for: nothing is rotated. */
    static final RotationRules NONE = new RotationRules(List.of(), Optional.empty());

    /**
     * Something that is done.
     *
     * @param rotates whether the key is rotated, else its owner is to be told
     * @param after how long after a version was made; or how long before it expires
     * @param beforeExpiry which of the two
     */
    record Action(boolean rotates, Period after, boolean beforeExpiry) {}

    RotationRules {
        actions = List.copyOf(actions);
    }

    /** Reads a policy, as it is sent or stored. */
    static RotationRules parse(Bytes body) throws MalformedException {
        ObjectNode object = JSON.object("rotation policy", body.toArray());
        StrictJson.only("rotation policy", object, List.of("id", "lifetimeActions", "attributes"));
        Optional<Period> expiry = Optional.empty();
        if (object.get("attributes") instanceof ObjectNode attributes) {
            StrictJson.only("attributes", attributes, List.of("expiryTime", "created", "updated"));
            Optional<String> text = StrictJson.text(attributes, "expiryTime");
            expiry = text.isPresent() ? Optional.of(period("attributes.expiryTime", text.get())) : Optional.empty();
        }
        List<Action> actions = new ArrayList<>();
        JsonNode list = object.get("lifetimeActions");
        if (list != null && !list.isNull()) {
            if (!(list instanceof ArrayNode array) || array.size() > MAX_ACTIONS) {
                throw new MalformedException("lifetimeActions", -1, "expected a list of at most " + MAX_ACTIONS + " actions");
            }
            for (JsonNode each : array) {
                actions.add(action(each));
            }
        }
        if (actions.stream().filter(Action::rotates).count() > 1) {
            throw new MalformedException("lifetimeActions", -1, "expected one action that rotates, found several");
        }
        if (expiry.isEmpty() && actions.stream().anyMatch(Action::beforeExpiry)) {
            throw new MalformedException("attributes.expiryTime", -1, "expected it where something is done before expiry");
        }
        return new RotationRules(actions, expiry);
    }

    private static Action action(JsonNode node) throws MalformedException {
        if (!(node.get("trigger") instanceof ObjectNode trigger) || !(node.get("action") instanceof ObjectNode action)) {
            throw new MalformedException("lifetimeActions", -1, "expected 'trigger' and 'action'");
        }
        StrictJson.only("trigger", trigger, List.of("timeAfterCreate", "timeBeforeExpiry"));
        StrictJson.only("action", action, List.of("type"));
        Optional<String> after = StrictJson.text(trigger, "timeAfterCreate");
        Optional<String> before = StrictJson.text(trigger, "timeBeforeExpiry");
        if (after.isPresent() == before.isPresent()) {
            throw new MalformedException("trigger", -1, "expected 'timeAfterCreate' or 'timeBeforeExpiry'");
        }
        boolean rotates = switch (StrictJson.text(action, "type").orElse("").toLowerCase(Locale.ROOT)) {
            case "rotate" -> true;
            case "notify" -> false;
            default -> throw new MalformedException("action.type", -1, "expected \"Rotate\" or \"Notify\"");
        };
        return new Action(rotates, period("trigger", after.or(() -> before).orElse("")), before.isPresent());
    }

    /** ISO 8601, of years, months and days. */
    private static Period period(String name, String text) throws MalformedException {
        try {
            Period period = Period.parse(text);
            long days = (long) period.getYears() * DAYS_OF_YEAR + (long) period.getMonths() * DAYS_OF_MONTH + period.getDays();
            if (!period.isNegative() && days >= LEAST_DAYS && days <= MOST_DAYS) {
                return period;
            }
        } catch (DateTimeParseException e) {
            // Falls through.
        }
        throw new MalformedException(name, -1, "expected a time of at least " + LEAST_DAYS + " days, such as \"P90D\" or \"P2Y\"");
    }

    /** When a version that is made then expires. */
    Optional<Instant> expires(Instant created) {
        return expiryTime.map(period -> after(created, period));
    }

    /** When a version is to be replaced by the next one. */
    Optional<Instant> rotates(Instant created, Optional<Instant> expires) {
        return actions.stream().filter(Action::rotates).findFirst().flatMap(action -> action.beforeExpiry()
                ? expires.map(at -> at.atOffset(ZoneOffset.UTC).minus(action.after()).toInstant())
                : Optional.of(after(created, action.after())));
    }

    private static Instant after(Instant at, Period period) {
        return at.atOffset(ZoneOffset.UTC).plus(period).toInstant();
    }

    /** The stored form, and what is answered beside the id. */
    Map<String, Object> form() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Action each : actions) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("trigger", Map.of(each.beforeExpiry() ? "timeBeforeExpiry" : "timeAfterCreate", each.after().toString()));
            one.put("action", Map.of("type", each.rotates() ? "Rotate" : "Notify"));
            list.add(one);
        }
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("lifetimeActions", list);
        form.put("attributes", expiryTime.<Map<String, Object>>map(period -> Map.of("expiryTime", period.toString())).orElse(Map.of()));
        return form;
    }

    /** The stored form as bytes. */
    Bytes toBytes() {
        return Bytes.of(JSON.write(form()));
    }
}
