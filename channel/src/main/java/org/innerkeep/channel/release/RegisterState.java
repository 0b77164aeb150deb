package org.innerkeep.channel.release;

import org.innerkeep.evidence.Bytes;

/**
 * What a register says of one value.
 *
 * @param version the newest version; 0 where there is none
 * @param digest SHA-256 of what is stored as that version, 32 bytes; empty where there is none
 * @param setInEpoch the life of the vault up to which nothing of that was forgotten: its life now, unless an older copy of the whole vault
 *     was put back since it was set; then the earlier life in which it was set, or 0 where there is none
 * @param epoch the vault's life now: where it is a later one, what was stored after that copy was made is forgotten
 */
public record RegisterState(long version, Bytes digest, long setInEpoch, long epoch) {
    /**
     * Checks numbers and sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public RegisterState {
        boolean none = version == 0;
        if (version < 0 || version > RegisterRequest.LAST_VERSION || digest.length() != (none ? 0 : Forms.DIGEST)
                || (none ? setInEpoch != 0 && setInEpoch != epoch : setInEpoch < 1) || epoch < 1 || setInEpoch > epoch) {
            throw new IllegalArgumentException("register: expected a version with its digest, set in this life of the vault or an earlier one;"
                    + " or none, in this life or in none");
        }
    }

    /** {@return whether nothing was forgotten since it was set, so that it is known to be the newest; or that there is none} */
    public boolean continuous() {
        return setInEpoch == epoch;
    }
}
