package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.cbor.CborReader;

/**
 * Keys of the claims of the Entity Attestation Token (RFC 9711) that Innerkeep uses. Claims that are ours alone have keys
 * below -65536, which are for private use (RFC 8392 section 9.1): from -66001 down in a keeper report, from -66101 down in
 * a statement, from -66201 down in a log's head, from -66401 down between an enclave and a vault. A key is never given a
 * second meaning.
 */
public final class Eat {
    /** {@code iat}, when the token was issued, whole seconds since 1970; RFC 8392 section 3.1.6, RFC 9711 section 4.3.1. */
    public static final long IAT = 6;

    /** {@code eat_nonce}, a byte string of 8 to 64 bytes; RFC 9711 section 4.1. */
    public static final long NONCE = 10;

    /** {@code dbgstat}, {@link #DEBUG_ENABLED} or {@link #DEBUG_DISABLED}; RFC 9711 section 4.2.9. */
    public static final long DBGSTAT = 263;

    /** {@code eat_profile}, a URI that says what the other claims mean; RFC 9711 section 4.3.2. */
    public static final long PROFILE = 265;

    /** The {@code dbgstat} of something that can be debugged. */
    public static final long DEBUG_ENABLED = 0;

    /** The {@code dbgstat} of something that cannot be debugged now. */
    public static final long DEBUG_DISABLED = 1;

    /** The most bytes of a profile that is looked at. */
    public static final int MAX_PROFILE_BYTES = 128;

    private Eat() {}

    /**
     * Finds the profile of a token, to know which parser to give it to. Reads past integers, strings and booleans only,
     * as every profile of ours needs no more before its profile claim; it does not check the token.
     *
     * @param token hostile bytes
     * @return the profile, or nothing where none is found in that way
     */
    public static Optional<String> profile(byte[] token) {
        CborReader reader = new CborReader(token);
        try {
            for (int pairs = reader.map("claims", 0, Integer.MAX_VALUE); pairs > 0; pairs--) {
                if (reader.integer("claim key") == PROFILE) {
                    return Optional.of(reader.text("eat_profile", MAX_PROFILE_BYTES));
                }
                switch (reader.peek()) {
                    case INTEGER -> reader.integer("claim");
                    case BYTES -> reader.bytes("claim", 0, Integer.MAX_VALUE);
                    case TEXT -> reader.text("claim", Integer.MAX_VALUE);
                    case BOOLEAN -> reader.bool("claim");
                    default -> {
                        return Optional.empty();
                    }
                }
            }
        } catch (MalformedException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
