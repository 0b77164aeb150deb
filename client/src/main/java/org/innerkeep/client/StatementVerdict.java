package org.innerkeep.client;

import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;

/** Whether an enclave that is trusted signed a statement. */
public sealed interface StatementVerdict {
    /**
     * It did.
     *
     * @param purpose what is stated
     * @param content what is stated, in the form of that purpose; the enclave's word, so as good as its code
     * @param claims what the enclave proved
     */
    record Accepted(String purpose, Bytes content, Claims claims) implements StatementVerdict {}

    /**
     * It did not.
     *
     * @param reasons every reason found; at least one
     */
    record Refused(List<Reason> reasons) implements StatementVerdict {
        /** Copies the list and checks that a reason is given. */
        public Refused {
            reasons = List.copyOf(reasons);
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("a refusal needs a reason");
            }
        }
    }
}
