package org.innerkeep.policy.format;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.innerkeep.policy.Limits;
import org.innerkeep.policy.Policy;

/**
 * Writes a policy in the one layout that all policies can have. Nothing but space, line ends and a byte order mark changes: the
 * rules mean the same, every comment stays, in the same order, and so does the way numbers are written. A text that has the
 * layout already does not change.
 *
 * <p>A rule stands on one line if that has at most {@value #WIDTH} characters and no comment is within the rule; else each
 * condition and the action have a line of their own. Empty lines between rules stay, several become one. A comment at the end of
 * a line stays at the end of the line of what it stands behind; of several on one such line the first stays, the others follow
 * below.
 */
public final class Formatter {
    /** The longest line that a rule is joined to, in UTF-16 units. */
    static final int WIDTH = 120;

    private Formatter() {}

    /**
     * Writes a policy.
     *
     * @param policy the policy
     * @return its text, with line feeds as line ends and one at the end; nothing if that would be longer than a policy may be
     */
    public static Optional<String> format(Policy policy) {
        String text = new Layout(Pieces.of(policy)).text();
        return text.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_POLICY_BYTES ? Optional.empty() : Optional.of(text);
    }
}
