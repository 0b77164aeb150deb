package org.innerkeep.enclave;

import java.io.IOException;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * A few bytes that the platform remembers for this enclave's identity (platform, signer, product, debug, isolation) under a name,
 * and that only go forward: by them an enclave finds out, when it starts, whether its host gives it the newest of what it had its
 * host keep. One enclave at a time has a register, from its first claim until it ends.
 *
 * <p>On {@code process} the keeper keeps it, so whoever administers the keeper can put it back. Safe for use by several threads.
 */
public interface PlatformRegister {
    /**
     * What a register says.
     *
     * @param version at least 1
     * @param digest SHA-256 of what has this version, 32 bytes
     */
    record State(long version, Bytes digest) {
        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if one is wrong
         */
        public State {
            if (version < 1 || digest.length() != 32) {
                throw new IllegalArgumentException("register: expected a version of 1 or more, and a digest of 32 bytes");
            }
        }
    }

    /** {@return what it says, as far as this enclave knows; nothing where it was never set} */
    Optional<State> state();

    /**
     * Sets it. Once this returns the platform has it on its disk.
     *
     * @param next what it is to say; of a higher version than {@link #state}
     * @throws IOException if the platform does not set it, or cannot be reached: then it may or may not have been set, and
     *     nothing can be set by this enclave any more
     */
    void advance(State next) throws IOException;
}
