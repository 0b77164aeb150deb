/**
 * What the attestation service keeps: policies, signers, the keys of tokens, decisions, and the transparency log over all of it.
 *
 * <p>A change and its leaf in the log are one transaction, and nobody gets an answer before that is on disk. Whoever can write to the
 * database can change what is in it, but not without being convicted by any {@link org.innerkeep.attestation.log.Receipt}.
 *
 * <p>Private keys are kept as the caller wrapped them, and nothing here can unwrap them.
 */
@NullMarked
package org.innerkeep.attestation.store;

import org.jspecify.annotations.NullMarked;
