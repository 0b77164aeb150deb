/**
 * Confidential virtual machines of Azure. Microsoft's paravisor (HCL) runs below the guest in the same encrypted memory and gives it a
 * virtual TPM. The hardware's evidence measures the paravisor and vouches for the key of that TPM; what the guest is stands in the
 * TPM's registers alone.
 *
 * <p>The hardware's evidence itself is verified elsewhere, by a {@link org.innerkeep.evidence.internal.HardwareCheck}.
 */
@NullMarked
package org.innerkeep.evidence.azure;

import org.jspecify.annotations.NullMarked;
