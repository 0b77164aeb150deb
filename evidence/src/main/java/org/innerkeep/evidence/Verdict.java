package org.innerkeep.evidence;

import java.util.List;
import java.util.stream.Collectors;

/** What a verifier or an appraisal found: proven claims, or a refusal with all its reasons. */
public sealed interface Verdict {

    /**
     * The evidence is accepted.
     *
     * @param claims what is proven
     */
    record Accepted(Claims claims) implements Verdict {}

    /**
     * The evidence is refused.
     *
     * @param reasons every reason found, in order; at least one
     */
    record Refused(List<Reason> reasons) implements Verdict {
        /** Copies the list and checks that a reason is given. */
        public Refused {
            reasons = List.copyOf(reasons);
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("a refusal needs a reason");
            }
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
            return reasons.stream().map(Reason::toString).collect(Collectors.joining("\n"));
        }
    }
}
