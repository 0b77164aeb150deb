package org.innerkeep.evidence.arm;

import java.util.Locale;

/**
 * The state of a device's life, bits 15 to 8 of the security lifecycle claim; bits 7 to 0 are its maker's own (RFC 9783 section 4.3.1,
 * RMM specification section A7.2.3.2.6).
 */
public enum Lifecycle {
    /** Not known, which must not occur. */
    UNKNOWN(0x00),
    /** Being assembled and tested. */
    ASSEMBLY_AND_TEST(0x10),
    /** The root of trust is being provisioned. */
    ROT_PROVISIONING(0x20),
    /** Secured: the only state in which a token proves anything. */
    SECURED(0x30),
    /** Something outside the root of trust is being debugged; on CCA, realms and what manages them. */
    NON_ROT_DEBUG(0x40),
    /** The root of trust is being debugged, and can return to be secured. */
    RECOVERABLE_ROT_DEBUG(0x50),
    /** Out of service, or debugged for good. */
    DECOMMISSIONED(0x60),
    /** A value that the specifications do not define. */
    UNDEFINED(-1);

    /** The largest value of the claim. */
    static final int MAX = 0xffff;

    private final int major;

    Lifecycle(int major) {
        this.major = major;
    }

    /**
     * Finds the state.
     *
     * @param value of the claim, 0 to 65535
     * @return the state
     */
    public static Lifecycle of(int value) {
        for (Lifecycle each : values()) {
            if (each.major == value >> 8) {
                return each;
            }
        }
        return UNDEFINED;
    }

    /** {@return whether memory may be read by whoever debugs} */
    public boolean debug() {
        return this == NON_ROT_DEBUG || this == RECOVERABLE_ROT_DEBUG;
    }

    /** {@return the state in lower case with dashes, as claims name it} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
