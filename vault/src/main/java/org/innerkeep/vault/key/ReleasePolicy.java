package org.innerkeep.vault.key;

import org.innerkeep.evidence.Bytes;

/**
 * By what tokens a version of a key is released whole, as Azure Key Vault has it. What it says is for whoever releases; here it is kept.
 *
 * @param contentType of the data, up to 128 characters
 * @param data the policy as it was sent, at most {@link #MAX_BYTES}
 * @param immutable whether it can never be replaced
 */
public record ReleasePolicy(String contentType, Bytes data, boolean immutable) {
    /** The most bytes of a policy. */
    public static final int MAX_BYTES = 16 * 1024;

    private static final int MAX_TYPE = 128;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ReleasePolicy {
        if (contentType.length() > MAX_TYPE || data.length() > MAX_BYTES) {
            throw new IllegalArgumentException("release policy: expected a content type of at most " + MAX_TYPE
                    + " characters and at most " + MAX_BYTES + " bytes");
        }
    }
}
