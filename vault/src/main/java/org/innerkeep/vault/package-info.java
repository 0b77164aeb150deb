/**
 * The vault: a data owner's keys, and who may use them. It is a part of the server that the attestation service runs on, with the same
 * store and the same log; see {@link org.innerkeep.vault.VaultPart}.
 */
@NullMarked
package org.innerkeep.vault;

import org.jspecify.annotations.NullMarked;
