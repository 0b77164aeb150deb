/**
 * What runs inside: the programming interface of an enclave. A program implements {@link org.innerkeep.enclave.EnclaveProgram}
 * and gets everything else from its {@link org.innerkeep.enclave.EnclaveContext}.
 */
@NullMarked
package org.innerkeep.enclave;

import org.jspecify.annotations.NullMarked;
