package org.innerkeep.vault.azure;

import java.util.List;

/**
 * Whether a policy lets a key be released.
 *
 * @param released whether it does
 * @param lines why, from the outermost on, each with its place in the policy; claims of the token are quoted in them, secrets never
 */
record ReleaseDecision(boolean released, List<String> lines) {
    ReleaseDecision {
        lines = List.copyOf(lines);
    }
}
