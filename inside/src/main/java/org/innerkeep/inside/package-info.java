/**
 * The attestation service and the vault as the program of an enclave: what they keep leaves the enclave sealed, as a journal that
 * its host stores and that the enclave knows again, and their clients' TLS ends in the enclave's runtime. Not checked here: who
 * may do what, which is the service's own; and what a platform's word is worth, which whoever verifies the enclave decides.
 */
@NullMarked
package org.innerkeep.inside;

import org.jspecify.annotations.NullMarked;
