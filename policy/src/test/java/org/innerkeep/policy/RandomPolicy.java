package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes policies and claims of few names and values, so that they often meet. */
final class RandomPolicy {
    private static final List<String> TYPES = List.of("a", "b", "c", "d");
    private static final List<String> VALUES = List.of("1", "2", "3", "true", "false", "\"x\"", "\"1\"", "\"\"");
    private static final List<Issuer> ISSUERS = List.of(Issuer.values());
    private static final List<String> OPERATORS = List.of("==", "==", "!=", "<", "<=", ">", ">=");
    private static final List<String> FUNCTIONS = List.of(
            "IsSubsetOf(%1$s, %2$s)",
            "ContainsOnlyValue(%1$s, %2$s)",
            "AppendString(%1$s, %2$s)",
            "NegateBool(%1$s)",
            "JsonToClaimValue(%1$s)",
            "JmesPath(%1$s, \"@\")");

    private final Random random;

    RandomPolicy(Random random) {
        this.random = random;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    String type() {
        return TYPES.get(below(TYPES.size()));
    }

    String value() {
        return VALUES.get(below(VALUES.size()));
    }

    /** Claims, a few. */
    List<Claim> claims() {
        List<Claim> claims = new ArrayList<>();
        for (int i = below(8); i > 0; i--) {
            ClaimValue value = switch (value()) {
                case "true" -> ClaimValue.of(true);
                case "false" -> ClaimValue.of(false);
                case "\"x\"" -> ClaimValue.of("x");
                case "\"1\"" -> ClaimValue.of("1");
                case "\"\"" -> ClaimValue.of("");
                case String number -> ClaimValue.of(Long.parseLong(number));
            };
            claims.add(new Claim(type(), value, ISSUERS.get(below(3))));
        }
        return claims;
    }

    /** Rules that permit or deny. */
    List<String> decisions() {
        List<String> rules = new ArrayList<>();
        for (int i = below(5); i >= 0; i--) {
            rules.add(conditions() + " => " + (below(3) == 0 ? "deny" : "permit") + "();");
        }
        return rules;
    }

    /** Rules that permit, deny or add. */
    List<String> authorizationRules() {
        List<String> rules = decisions();
        for (int i = below(3); i > 0; i--) {
            rules.add(below(rules.size() + 1), making("add"));
        }
        return rules;
    }

    /** A whole policy. */
    String policy() {
        StringBuilder text = new StringBuilder("version=1.2;");
        if (below(2) == 0) {
            text.append("configurationrules{").append(making("issueproperty")).append("};");
        }
        text.append("authorizationrules{")
                .append(String.join("\n", authorizationRules()))
                .append("};");
        if (below(4) > 0) {
            text.append("issuancerules{");
            for (int i = below(5); i > 0; i--) {
                text.append(making(List.of("issue", "issueproperty", "add").get(below(3))));
            }
            text.append("};");
        }
        return text.toString();
    }

    /** Conditions without identifiers. */
    String conditions() {
        List<String> all = new ArrayList<>();
        for (int i = below(3); i > 0; i--) {
            all.add((below(4) == 0 ? "!" : "") + condition());
        }
        return String.join(" && ", all);
    }

    private String condition() {
        List<String> comparisons = new ArrayList<>();
        if (below(5) > 0) {
            comparisons.add("type==\"" + type() + "\"");
        }
        if (below(4) > 0 || comparisons.isEmpty()) {
            comparisons.add("value" + OPERATORS.get(below(OPERATORS.size())) + value());
        }
        if (below(4) == 0) {
            comparisons.add("issuer!=\"" + ISSUERS.get(below(3)).text() + "\"");
        }
        return "[" + String.join(", ", comparisons) + "]";
    }

    private String making(String verb) {
        String condition =
                "i:" + condition() + " && j:" + condition().replaceFirst("value", "value" + "!=i.value, value");
        return switch (below(3)) {
            case 0 -> condition + " => " + verb + "(claim=j);";
            case 1 -> "=> " + verb + "(type=\"" + type() + "\", value=" + value() + ");";
            default ->
                condition + " => " + verb + "(type=\"" + type() + "\", value="
                        + FUNCTIONS
                                .get(below(FUNCTIONS.size()))
                                .formatted("i.value", below(2) == 0 ? "j.value" : value())
                        + ");";
        };
    }
}
