package org.innerkeep.evidence;

import java.util.Arrays;
import java.util.Optional;

/**
 * How current a platform's trusted computing base is, as Intel's collateral states it (Intel PCS API version 4, TCB info,
 * {@code tcbStatus}) and as the quote verification library adds for TDs whose module was updated under them. Other makers'
 * platforms use the words that fit.
 */
public enum TcbStatus {
    /** Nothing to do. */
    UP_TO_DATE("UpToDate"),
    /** Code inside must be hardened against known attacks. */
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    /** The platform must be configured otherwise. */
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    /** Both of the two before. */
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    /** The module was updated and is current; the TD was launched by an older one and should be launched anew. */
    TD_RELAUNCH_ADVISED("TDRelaunchAdvised"),
    /** As before, and the platform must be configured otherwise. */
    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED("TDRelaunchAdvisedConfigurationNeeded"),
    /** Known vulnerabilities are not fixed. */
    OUT_OF_DATE("OutOfDate"),
    /** Known vulnerabilities are not fixed, and the platform must be configured otherwise. */
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    /** Keys of the platform are known to attackers. Never accepted. */
    REVOKED("Revoked");

    private final String text;

    TcbStatus(String text) {
        this.text = text;
    }

    /**
     * Finds a status by the word that makers use.
     *
     * @param text such as {@code UpToDate}
     * @return the status, or nothing for any other word
     */
    public static Optional<TcbStatus> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
    }

    /** {@return the word that makers use} */
    @Override
    public String toString() {
        return text;
    }
}
