package org.innerkeep.enclave;

import java.io.IOException;
import java.util.Optional;

/**
 * Values that outlive the enclave. They leave it sealed, as files of the age format, and the host keeps them: it sees names, sizes, and
 * when they are read and written; it can lose them all, and it can give an older version. {@link Stored#freshness} says whether that is
 * ruled out. Within the life of one enclave an older version than it has seen is refused in any case.
 *
 * <p>A value that was stored replaces the one before: when {@link #put} returns, the host has said that the new one is on its disk. If the
 * enclave, the host or the machine ends before that, the value is the old one or the new one, and whole.
 *
 * <p>Of two enclaves of one identity that store under the same name at the same time, the one that was later wins; where a vault has the
 * register, the other one is told. Safe for use by several threads of one enclave.
 */
public interface EnclaveStore {
    /** The most bytes of a value. */
    int MAX_BYTES = 8 << 20;

    /**
     * Stores a value.
     *
     * @param name 1 to 64 lower-case letters, digits, hyphens and underscores, beginning with a letter; the host sees it
     * @param value at most {@link #MAX_BYTES}; its length is seen by the host
     * @return its version, above those before
     * @throws IllegalArgumentException if the name is none, or the value too long
     * @throws StoreException if the host does not keep it, or another enclave stored meanwhile
     * @throws VaultException if the register cannot be reached or refuses; whether the value is stored all the same is then not known
     * @throws IOException if the platform cannot be reached
     */
    long put(String name, byte[] value) throws IOException;

    /**
     * Reads a value.
     *
     * @param name as it was stored
     * @return the value; nothing where the host says that there is none, which it may say of any value that this enclave has not seen;
     *     where a vault has the register, not of one that was registered
     * @throws IllegalArgumentException if the name is none
     * @throws StoreException if what the host gives is no such value, or older than one that is registered or was seen, or cannot be
     *     opened; or the host says that there is none, and the vault that has the register may have forgotten it
     * @throws VaultException if the register cannot be reached or refuses
     * @throws IOException if the platform cannot be reached
     */
    Optional<Stored> get(String name) throws IOException;
}
