package org.innerkeep.vault.azure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A condition of a release policy, with its place in the policy as a JSON pointer (RFC 6901).
 *
 * <p>Immutable, safe for use by several threads.
 */
sealed interface Condition {
    /** {@return where it stands} */
    String pointer();

    /**
     * Finds out whether claims meet it. Every part is looked at, so that an explanation is whole.
     *
     * @param claims of a verified token
     * @return what came of it
     */
    Finding on(ObjectNode claims);

    /**
     * What came of a condition.
     *
     * @param met whether it is met
     * @param pointer where it stands in the policy
     * @param text what was found and wanted, for people
     * @param parts what came of its parts
     */
    record Finding(boolean met, String pointer, String text, List<Finding> parts) {
        public Finding {
            parts = List.copyOf(parts);
        }

        /** Adds a line for each part that decided, from the outermost on: those that are not met where it is not, else those that are. */
        void explain(List<String> lines) {
            lines.add(pointer + ": " + text);
            parts.stream().filter(part -> part.met == met).forEach(part -> part.explain(lines));
        }
    }

    /**
     * A claim has a value. Values are compared in their one text form, as Azure's own policies need it, which write {@code "false"} for a
     * claim that is the boolean: {@code true}, {@code false}, whole numbers in decimal, text exactly.
     *
     * @param pointer where it stands
     * @param path the names that lead to the claim, outermost first
     * @param value the text form of the value
     */
    record Equals(String pointer, List<String> path, String value) implements Condition {
        private static final int MOST_SHOWN = 96;

        public Equals {
            path = List.copyOf(path);
        }

        @Override
        public Finding on(ObjectNode claims) {
            Optional<JsonNode> found = find(claims);
            Optional<String> scalar = found.flatMap(Equals::scalar);
            boolean met = scalar.map(value::equals).orElse(false);
            String what = found.map(node -> scalar(node).map(Equals::shown).orElse("no text, whole number or boolean"))
                    .orElse("no such claim");
            return new Finding(met, pointer,
                    "claim " + shown(String.join(".", path)) + " must be " + shown(value) + ", found " + what, List.of());
        }

        /** A dot leads into an object; nothing leads into a list. */
        private Optional<JsonNode> find(ObjectNode claims) {
            JsonNode at = claims;
            for (String name : path) {
                at = at instanceof ObjectNode object ? object.get(name) : null;
                if (at == null) {
                    return Optional.empty();
                }
            }
            return Optional.of(at);
        }

        /** The one text form of a value; none for what no condition can name. */
        static Optional<String> scalar(JsonNode node) {
            if (node.isString()) {
                return Optional.of(node.stringValue());
            }
            if (node.isBoolean()) {
                return Optional.of(String.valueOf(node.booleanValue()));
            }
            return node.isIntegralNumber() ? Optional.of(node.bigIntegerValue().toString()) : Optional.empty();
        }

        /** In quotes, shortened, printable ASCII only: claims are the word of whoever was attested. */
        static String shown(String text) {
            StringBuilder shown = new StringBuilder("'");
            text.chars().limit(MOST_SHOWN).forEach(c -> shown.append(c >= ' ' && c <= '~' && c != '\'' ? (char) c : '?'));
            return shown.append(text.length() > MOST_SHOWN ? "…'" : "'").toString();
        }
    }

    /**
     * All of several conditions.
     *
     * @param pointer where it stands
     * @param parts at least one
     */
    record AllOf(String pointer, List<Condition> parts) implements Condition {
        public AllOf {
            parts = List.copyOf(parts);
        }

        @Override
        public Finding on(ObjectNode claims) {
            List<Finding> found = each(parts, claims);
            boolean met = !found.isEmpty() && found.stream().allMatch(Finding::met);
            return new Finding(met, pointer, "all of these must be met, " + count(found) + " are", found);
        }
    }

    /**
     * At least one of several conditions.
     *
     * @param pointer where it stands
     * @param parts at least one
     */
    record AnyOf(String pointer, List<Condition> parts) implements Condition {
        public AnyOf {
            parts = List.copyOf(parts);
        }

        @Override
        public Finding on(ObjectNode claims) {
            List<Finding> found = each(parts, claims);
            return new Finding(found.stream().anyMatch(Finding::met), pointer, "one of these must be met, " + count(found) + " are", found);
        }
    }

    private static List<Finding> each(List<Condition> parts, ObjectNode claims) {
        List<Finding> found = new ArrayList<>();
        parts.forEach(part -> found.add(part.on(claims)));
        return found;
    }

    private static String count(List<Finding> found) {
        return found.stream().filter(Finding::met).count() + " of " + found.size();
    }
}
