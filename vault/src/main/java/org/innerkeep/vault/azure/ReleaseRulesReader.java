package org.innerkeep.vault.azure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads release policies: strict, since what is skipped over is a condition that does not hold. */
final class ReleaseRulesReader {
    private static final StrictJson JSON = StrictJson.upTo(ReleaseRules.MAX_BYTES);
    private static final Set<String> VERSIONS = Set.of("1.0.0", "1.0", "0.2");
    private static final Set<String> OTHER_OPERATORS =
            Set.of("notEquals", "less", "lessOrEquals", "greater", "greaterOrEquals", "exists");
    private static final List<String> ANY = List.of("anyOf", "anyof");
    private static final List<String> ALL = List.of("allOf", "allof");
    private static final int MAX_DEPTH = 8;
    private static final int MAX_CONDITIONS = 1000;
    private static final int MAX_TEXT = 2048;

    private int conditions;

    private ReleaseRulesReader() {}

    static ReleaseRules read(byte[] json) throws MalformedException {
        return new ReleaseRulesReader().policy(JSON.object("release policy", json));
    }

    private ReleaseRules policy(ObjectNode root) throws MalformedException {
        only(root, "", List.of("version", "anyOf", "anyof"));
        JsonNode version = root.get("version");
        if (version != null && !(version.isString() && VERSIONS.contains(version.stringValue()))) {
            throw refuse("/version", "expected \"1.0.0\"");
        }
        String name = one(root, "", ANY).orElseThrow(() -> refuse("", "expected 'anyOf', the list of authorities"));
        String at = "/" + name;
        List<ReleaseRules.OfAuthority> authorities = new ArrayList<>();
        ArrayNode list = list(root, at, name);
        for (int i = 0; i < list.size(); i++) {
            authorities.add(authority(list.get(i), at + "/" + i));
        }
        return new ReleaseRules(authorities);
    }

    private ReleaseRules.OfAuthority authority(JsonNode node, String at) throws MalformedException {
        ObjectNode object = object(node, at);
        only(object, at, List.of("authority", "anyOf", "anyof", "allOf", "allof"));
        String authority = text(object, at, "authority");
        if (ReleaseRules.normal(authority).isEmpty()) {
            throw refuse(at + "/authority", "expected the issuer of tokens, such as \"https://attest.example\"");
        }
        Condition condition = group(object, at, 1)
                .orElseThrow(() -> refuse(at, "expected 'allOf' or 'anyOf', the conditions on this authority's tokens"));
        return new ReleaseRules.OfAuthority(at, authority, condition);
    }

    /** {@code allOf} or {@code anyOf} of an object, where it has one; both at once have no meaning. */
    private Optional<Condition> group(ObjectNode object, String at, int depth) throws MalformedException {
        Optional<String> all = one(object, at, ALL);
        Optional<String> any = one(object, at, ANY);
        if (all.isPresent() && any.isPresent()) {
            throw refuse(at, "expected 'allOf' or 'anyOf', found both: put one into the other");
        }
        if (all.isEmpty() && any.isEmpty()) {
            return Optional.empty();
        }
        String name = all.or(() -> any).get();
        String inner = at + "/" + name;
        if (depth > MAX_DEPTH) {
            throw refuse(inner, "expected conditions nested at most " + MAX_DEPTH + " deep");
        }
        ArrayNode list = list(object, inner, name);
        List<Condition> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            parts.add(condition(list.get(i), inner + "/" + i, depth));
        }
        return Optional.of(all.isPresent() ? new Condition.AllOf(inner, parts) : new Condition.AnyOf(inner, parts));
    }

    private Condition condition(JsonNode node, String at, int depth) throws MalformedException {
        if (++conditions > MAX_CONDITIONS) {
            throw refuse(at, "expected at most " + MAX_CONDITIONS + " conditions");
        }
        ObjectNode object = object(node, at);
        if (!object.has("claim")) {
            only(object, at, List.of("anyOf", "anyof", "allOf", "allof"));
            return group(object, at, depth + 1)
                    .orElseThrow(() -> refuse(at, "expected a condition: 'claim' with 'equals', or 'allOf' or 'anyOf'"));
        }
        for (String operator : OTHER_OPERATORS) {
            if (object.has(operator)) {
                throw refuse(at + "/" + operator, "expected 'equals': version 1.0.0 evaluates no other operator");
            }
        }
        String operand = "equals";
        if (object.has("condition")) {
            only(object, at, List.of("claim", "condition", "value"));
            if (!text(object, at, "condition").equals("equals")) {
                throw refuse(at + "/condition", "expected \"equals\": version 1.0.0 evaluates no other operator");
            }
            operand = "value";
        } else {
            only(object, at, List.of("claim", "equals"));
        }
        return new Condition.Equals(at, path(text(object, at, "claim"), at + "/claim"), value(object, at, operand));
    }

    private static List<String> path(String claim, String at) throws MalformedException {
        List<String> names = List.of(claim.split("\\.", -1));
        if (names.contains("")) {
            throw refuse(at, "expected the name of a claim, with '.' before the name of one inside it");
        }
        return names;
    }

    private static String value(ObjectNode object, String at, String name) throws MalformedException {
        JsonNode node = object.get(name);
        Optional<String> value = node == null ? Optional.empty() : Condition.Equals.scalar(node);
        if (value.isEmpty() || value.get().length() > MAX_TEXT) {
            throw refuse(at + "/" + name, "expected text of at most " + MAX_TEXT + " characters, a whole number, true or false");
        }
        return value.get();
    }

    /** The one of two spellings that is there. */
    private static Optional<String> one(ObjectNode object, String at, List<String> spellings) throws MalformedException {
        List<String> found = spellings.stream().filter(object::has).toList();
        if (found.size() > 1) {
            throw refuse(at, "expected '" + spellings.getFirst() + "' once");
        }
        return found.stream().findFirst();
    }

    private static ArrayNode list(ObjectNode object, String at, String name) throws MalformedException {
        if (object.get(name) instanceof ArrayNode list && !list.isEmpty()) {
            return list;
        }
        throw refuse(at, "expected a list of at least one");
    }

    private static ObjectNode object(JsonNode node, String at) throws MalformedException {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw refuse(at, "expected a JSON object");
    }

    private static String text(ObjectNode object, String at, String name) throws MalformedException {
        JsonNode node = object.get(name);
        if (node == null || !node.isString() || node.stringValue().isEmpty() || node.stringValue().length() > MAX_TEXT) {
            throw refuse(at + "/" + name, "expected text of 1 to " + MAX_TEXT + " characters");
        }
        return node.stringValue();
    }

    private static void only(ObjectNode object, String at, List<String> known) throws MalformedException {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw refuse(at, "expected fields among " + known + ", found another");
            }
        }
    }

    private static MalformedException refuse(String pointer, String problem) {
        return new MalformedException("release policy" + (pointer.isEmpty() ? "" : " at " + pointer), -1, problem);
    }
}
