package org.innerkeep.evidence.internal;

import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason.Code;

/**
 * Verifies the evidence of hardware that other evidence stands on: a quote of TDX below an event log, a report of SEV-SNP below the
 * quote of a virtual TPM.
 */
@FunctionalInterface
public interface HardwareCheck {
    /**
     * Verifies the hardware's evidence. It must not look at the expected report data or nonce, nor refuse debugging: those are of the
     * evidence as a whole, whose verifier ends the run.
     *
     * @param evidence hostile bytes
     * @param run to which every reason is added
     * @return the claims, proven where no reason was added: report data, RTMRs as {@code tdx_rtmr0} to {@code tdx_rtmr3} and VMPL as
     *     {@code x-ms-sevsnpvm-vmpl} among them; nothing where none can be made, and then a reason was added
     */
    Optional<Claims> check(Bytes evidence, Verification run);

    /** {@return a check that refuses everything, for hardware that cannot be verified} */
    static HardwareCheck none() {
        return (evidence, run) -> {
            run.refuse(Code.NOT_VERIFIABLE, "hardware", "evidence of hardware that this verifier does not know",
                    "evidence of hardware that it knows", "Use a newer verifier.");
            return Optional.empty();
        };
    }
}
