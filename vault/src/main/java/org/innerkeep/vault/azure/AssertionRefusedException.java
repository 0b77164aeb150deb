package org.innerkeep.vault.azure;

import java.io.Serial;
import java.util.List;

/** A token that is not accepted as proof of an environment. */
final class AssertionRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient List<String> reasons;

    AssertionRefusedException(List<String> reasons) {
        super(String.join("; ", reasons));
        this.reasons = List.copyOf(reasons);
    }

    /** {@return every reason, each a line for people; at least one} */
    List<String> reasons() {
        return reasons;
    }
}
