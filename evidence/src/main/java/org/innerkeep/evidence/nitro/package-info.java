/**
 * AWS Nitro Enclaves attestation documents: form, signature, certificates up to a pinned root, and claims.
 *
 * <p>Not checked: whether the registers are those of code that deserves trust, how old the document is (its time is a claim), and
 * documents of NitroTPM, which are of an instance and not of an enclave.
 */
@NullMarked
package org.innerkeep.evidence.nitro;

import org.jspecify.annotations.NullMarked;
