/**
 * Certificates that carry evidence for their own key, where that evidence is a report of SEV-SNP or a token of Arm CCA. Those with quotes
 * of SGX or TDX, which come in more forms, are in {@link org.innerkeep.evidence.dcap}.
 *
 * <p>Whether the certificate's key is the one that is talked to is for the caller to see, by the claim {@code certificate-key}.
 */
@NullMarked
package org.innerkeep.evidence.certified;

import org.jspecify.annotations.NullMarked;
