/**
 * Attestation reports of AMD SEV-SNP guests, versions 2, 3 and 5 (SEV Secure Nested Paging Firmware ABI Specification, AMD document
 * 56860), with the certificates that AMD's key distribution service gives (document 57230).
 *
 * <p>Reading a report proves nothing; {@link org.innerkeep.evidence.Verifier} does, given AMD's pinned root key. Not checked here:
 * whether a measurement is of good code, whether a TCB is recent enough (AMD publishes no status, so the relying party compares the
 * claims {@code x-ms-sevsnpvm-*-svn} with what it wants), and a cloud's own endorsement of a measurement, such as the COSE message
 * that Azure gives for its utility VMs. What the paravisor or kernel below the asked privilege level does is part of the measurement
 * and of nothing else.
 */
@NullMarked
package org.innerkeep.evidence.snp;

import org.jspecify.annotations.NullMarked;
