package org.innerkeep.evidence.eventlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Verification;

/** Verifies the event log of TDX against the run-time measurement registers (RTMR) of a quote. */
public final class CcelReplay {
    /** How many registers there are. */
    public static final int REGISTERS = 4;

    private static final TpmHash HASH = TpmHash.SHA384;

    private CcelReplay() {}

    /**
     * Replays a log from zeros.
     *
     * @param log in the format CCEL
     * @return RTMR 0 to 3, 48 bytes each
     * @throws IllegalArgumentException if the log has no SHA-384 digests
     */
    public static List<Bytes> replay(EventLog log) {
        SortedMap<Integer, Bytes> found = Replay.of(log, HASH);
        List<Bytes> registers = new ArrayList<>();
        for (int i = 0; i < REGISTERS; i++) {
            registers.add(found.getOrDefault(i + 1, Bytes.of(new byte[HASH.length()])));
        }
        return registers;
    }

    /**
     * Verifies:
     *
     * <ol>
     *   <li>no unknown types where firmware measures;
     *   <li>it has SHA-384 digests, none of them for MRTD, which nothing extends once the TD runs;
     *   <li>it leads to the RTMRs of the quote. RTMR 3, and RTMR 2 where the log does not extend it, belong to the operating system,
     *       which keeps logs of its own: they are noted and not refused;
     *   <li>the log can be read in one way only: where firmware must have it so, the data of events is what was measured, and there is
     *       one separator in each register.
     * </ol>
     *
     * @param run the verification
     * @param log hostile
     * @param rtmrs RTMR 0 to 3 of the quote, 48 bytes each
     * @return what the log proves, or nothing where it proves nothing
     */
    public static Optional<BootState> verify(Verification run, EventLog log, List<Bytes> rtmrs) {
        if (rtmrs.size() != REGISTERS) {
            throw new IllegalArgumentException("expected " + REGISTERS + " registers, found " + rtmrs.size());
        }
        int before = run.reasons();
        LogRules.check(run, log);
        if (!log.has(HASH)) {
            run.refuse(Code.EVENT_LOG_MISMATCH, "event-log", "no SHA-384 digests", "SHA-384 digests", "Ask for the log of the firmware.");
            return Optional.empty();
        }
        if (log.events().stream().anyMatch(each -> each.extendsRegister() && each.register() == 0)) {
            run.refuse(Code.EVENT_LOG_MISMATCH, "event-log", "an event that extends MRTD", "events that extend RTMRs",
                    "The log was changed: do not rely on it.");
        }
        SortedMap<Integer, Bytes> extended = Replay.of(log, HASH);
        List<Bytes> led = replay(log);
        Set<Integer> proven = new TreeSet<>();
        for (int i = 0; i < REGISTERS; i++) {
            if (led.get(i).equals(rtmrs.get(i))) {
                proven.add(i + 1);
            } else if (i >= 2 && !extended.containsKey(i + 1)) {
                run.notChecked("RTMR " + i, "the log does not extend it: the operating system did");
            } else {
                run.refuse(Code.EVENT_LOG_MISMATCH, "event-log", "a log that leads to " + led.get(i).shortHex() + " in RTMR " + i,
                        "the quoted " + rtmrs.get(i).shortHex(),
                        "The log is of another boot, incomplete or changed: ask for the log of this boot.");
            }
        }
        LogRules.checkData(run, log, HASH);
        run.checked("event log", log.events().size() + " events lead to the quoted RTMRs");
        return run.reasons() > before ? Optional.empty() : Optional.of(BootState.of(log, HASH, proven));
    }
}
