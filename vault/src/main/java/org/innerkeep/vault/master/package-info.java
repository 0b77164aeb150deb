/**
 * The master key of a vault: 32 random bytes under which the secrets in the store are wrapped. The store has it wrapped in turn, in one of
 * three ways: under a key in a file, under a passphrase, or under a key in a token that speaks PKCS #11; and, where the owner wants it,
 * under a recovery key of which shares are given away. So ways and shares change without any key of the vault being encrypted anew.
 *
 * <p>What changes here does not reach copies of the store: whoever has an older one, and what opened it, still opens it.
 */
@NullMarked
package org.innerkeep.vault.master;

import org.jspecify.annotations.NullMarked;
