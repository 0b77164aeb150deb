/**
 * Quotes of TPM 2.0: what a TPM signs about its platform configuration registers (PCRs), with the certificate of its attestation key
 * (AK) and the event log that led there.
 *
 * <p>Reading proves nothing; {@link org.innerkeep.evidence.Verifier} does. Even then a quote says which software was measured while the
 * machine booted, as far as the firmware measured it, and not that anything protects memory from whoever runs the machine. What the
 * values of the registers must be is the relying party's decision.
 */
@NullMarked
package org.innerkeep.evidence.tpm;

import org.jspecify.annotations.NullMarked;
