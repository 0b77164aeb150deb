package org.innerkeep.evidence;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a verifier or an appraisal found: proven claims, a refusal with all its reasons, or that it could not be found out. Only
 * the first is a reason to trust.
 */
public sealed interface Verdict {

    /**
     * Something that a verifier looked at, or could have looked at and did not.
     *
     * @param name what was looked at, such as {@code PCK certificate chain}
     * @param done whether it was checked
     * @param detail what was found, or why it was not checked
     */
    record Check(String name, boolean done, String detail) {}

    /**
     * The evidence is accepted.
     *
     * @param claims what is proven
     * @param checks what was checked and what was not, in order
     */
    record Accepted(Claims claims, List<Check> checks) implements Verdict {
        /** Copies the list. */
        public Accepted {
            checks = List.copyOf(checks);
        }

        /**
         * Acceptance without a list of what was checked.
         *
         * @param claims what is proven
         */
        public Accepted(Claims claims) {
            this(claims, List.of());
        }
    }

    /**
     * The evidence is refused.
     *
     * @param reasons every reason found, in order; at least one
     */
    record Refused(List<Reason> reasons) implements Verdict {
        /** Copies the list and checks that a reason is given. */
        public Refused {
            reasons = atLeastOne(reasons);
        }

        /**
         * Tells whether one of the reasons has this code.
         *
         * @param code the code
         * @return whether it is among the reasons
         */
        public boolean has(Reason.Code code) {
            return reasons.stream().anyMatch(reason -> reason.code() == code);
        }

        /** {@return every reason on its own line} */
        public String explain() {
            return lines(reasons);
        }
    }

    /**
     * It could not be found out whether the evidence is to be accepted: something needed was not to be had, and nothing found
     * speaks against it. To a relying party this is no better than a refusal, except that asking again may help.
     *
     * @param reasons what was missing, in order; at least one
     */
    record Undecided(List<Reason> reasons) implements Verdict {
        /** Copies the list and checks that a reason is given. */
        public Undecided {
            reasons = atLeastOne(reasons);
        }

        /** {@return every reason on its own line} */
        public String explain() {
            return lines(reasons);
        }

        /** {@return the same reasons as a refusal, for whoever must decide now} */
        public Refused asRefused() {
            return new Refused(reasons);
        }
    }

    private static List<Reason> atLeastOne(List<Reason> reasons) {
        if (reasons.isEmpty()) {
            throw new IllegalArgumentException("not to accept needs a reason");
        }
        return List.copyOf(reasons);
    }

    private static String lines(List<Reason> reasons) {
        return reasons.stream().map(Reason::toString).collect(Collectors.joining("\n"));
    }
}
