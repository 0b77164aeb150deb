package org.innerkeep.channel.profile;

import java.util.List;
import java.util.Optional;

/**
 * What a host measured of one enclave. Written as a file with {@link org.innerkeep.channel.call.Codec}.
 *
 * @param enclaveId of the enclave, 32 hexadecimal digits
 * @param nanos how long it has been measured, from when its program had started
 * @param calls calls between host and enclave, as the host saw them
 * @param relayed what went between clients and the enclave
 * @param inside what the enclave told; empty where it is no debug build, or had ended before it was asked
 */
public record EnclaveFigures(
        String enclaveId, long nanos, List<MethodFigures> calls, Relayed relayed, Optional<InsideFigures> inside) {
    /** The folder into which a host writes figures, if its environment names one. */
    public static final String FOLDER_VARIABLE = "INNERKEEP_PROFILE";

    /** How the names of the files end, after the enclave's id. */
    public static final String FILE_ENDING = ".figures";

    /** The most bytes of a file; figures of all methods that are counted fit. */
    public static final int MAX_FILE_BYTES = 4 << 20;

    /** Copies the list. */
    public EnclaveFigures {
        calls = List.copyOf(calls);
    }

    /**
     * Connections of clients, whose bytes the host carries unread.
     *
     * @param sessions how many began
     * @param mostAtOnce the most that were open at once
     * @param inBytes to the enclave
     * @param outBytes from the enclave
     */
    public record Relayed(long sessions, long mostAtOnce, long inBytes, long outBytes) {}
}
