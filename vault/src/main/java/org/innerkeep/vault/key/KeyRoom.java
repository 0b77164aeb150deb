package org.innerkeep.vault.key;

import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;

/** How large a key may become: never so large that a grant of it could not be revoked, or it could not be deleted. */
final class KeyRoom {
    private static final int MOST_OF_A_NAME = 120;

    /** Who revoked and when; a name of four bytes for each character. */
    private static final int REVOCATION = 4 * MOST_OF_A_NAME + 32;

    private static final int DELETION = 32;

    private KeyRoom() {}

    /** Refuses what is too large, unless it is no larger than it was. */
    static void check(Optional<VaultKey> before, VaultKey after, byte[] form) throws RefusedException {
        long needed = needed(after, form.length);
        if (needed > KeyDocuments.MAX_BYTES - Long.BYTES
                && (before.isEmpty() || needed > needed(before.get(), KeyForm.write(before.get()).length))) {
            throw new RefusedException(Code.INVALID_PARAMETER, "key '" + after.name() + "': it would have " + form.length
                    + " bytes with all its versions and grants, and " + (needed - form.length) + " are kept free to revoke and delete them;"
                    + " at most " + KeyDocuments.MAX_BYTES + " in all.");
        }
    }

    private static long needed(VaultKey key, long length) {
        long holding = key.grants().stream().filter(each -> each.revoked().isEmpty()).count();
        return length + holding * REVOCATION + (key.active() ? DELETION : 0);
    }

    /** As much of the name of whoever changes a key as is kept in it; the leaf has the digest of all of it. */
    static String cut(String by) {
        return by.codePointCount(0, by.length()) <= MOST_OF_A_NAME ? by : by.substring(0, by.offsetByCodePoints(0, MOST_OF_A_NAME));
    }
}
