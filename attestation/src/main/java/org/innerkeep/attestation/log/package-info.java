/**
 * The transparency log: a Merkle tree over everything that the service decided and everything that changed how it decides.
 *
 * <p>The tree is that of RFC 9162 section 2.1 with SHA-256. Its leaves hold digests, never evidence. The log's own key signs each
 * {@link org.innerkeep.attestation.log.LogHead}, and whoever was given an answer holds a
 * {@link org.innerkeep.attestation.log.Receipt}: the leaf, the way from it to the root, and the signed head. A log that does not
 * contain what a receipt says is convicted by that receipt, whoever rewrote it and whichever keys they had.
 *
 * <p>What it does not do: it does not say that a decision was right, only that it was made and when; and it does not find a fork by
 * itself. Two parties who were shown different logs find that out when they compare their receipts or heads.
 */
@NullMarked
package org.innerkeep.attestation.log;

import org.jspecify.annotations.NullMarked;
