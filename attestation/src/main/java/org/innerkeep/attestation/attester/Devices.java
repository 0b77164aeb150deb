package org.innerkeep.attestation.attester;

import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Where devices are. No setting of the service changes this: whoever configures it could else have it ask something that merely looks
 * like a device, and learn only from relying parties that nobody believes it.
 *
 * @param gramine the folder that Gramine shows to an enclave
 * @param tsm the folder of Linux in which reports are asked for
 */
public record Devices(Path gramine, Path tsm) {
    /** {@return where Gramine and Linux have them} */
    public static Devices ofLinux() {
        return new Devices(Path.of("/dev/attestation"), Path.of("/sys/kernel/config/tsm/report"));
    }

    /**
     * The attester of a kind.
     *
     * @param kind which device
     * @param random for names
     * @return the attester; nothing is opened yet
     */
    public Attester attester(Kind kind, SecureRandom random) {
        return switch (kind) {
            case GRAMINE -> new GramineAttester(gramine);
            case TSM -> new TsmAttester(tsm, random);
        };
    }

    /** The kinds of devices. */
    public enum Kind {
        /** An SGX enclave under Gramine. */
        GRAMINE,
        /** A confidential virtual machine whose Linux has the interface configfs-tsm: SEV-SNP, TDX, Arm CCA. */
        TSM
    }
}
