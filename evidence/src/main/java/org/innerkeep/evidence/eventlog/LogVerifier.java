package org.innerkeep.evidence.eventlog;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Verification;

/** Verifies the event log of a TPM against register values that were quoted. */
public final class LogVerifier {
    private static final int LAST_OF_FIRMWARE = 7;

    private LogVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>no unknown types where firmware measures;
     *   <li>at least one quoted bank has digests in it, and for each of these it leads to the quoted value of every register that it
     *       extends and that was quoted;
     *   <li>a register of the firmware, PCR 0 to 7, that the log does not extend was not extended;
     *   <li>the log can be read in one way only: where firmware must have it so, the data of events is what was measured, and there is
     *       one separator in each register.
     * </ol>
     *
     * Registers from 8 on that the log does not extend belong to the operating system, which keeps logs of its own: they are noted and
     * not refused. The data of all other events is not proven and no claim comes of it.
     *
     * @param run the verification
     * @param log hostile
     * @param quoted values of registers by bank, proven by a quote
     * @return what the log proves, or nothing where it proves nothing
     */
    public static Optional<BootState> verify(
            Verification run, EventLog log, Map<TpmHash, ? extends SortedMap<Integer, Bytes>> quoted) {
        int before = run.reasons();
        LogRules.check(run, log);
        Optional<Map.Entry<TpmHash, SortedMap<Integer, Bytes>>> strongest = Optional.empty();
        for (Map.Entry<TpmHash, SortedMap<Integer, Bytes>> bank : new TreeMap<TpmHash, SortedMap<Integer, Bytes>>(quoted).entrySet()) {
            if (log.has(bank.getKey())) {
                compare(run, log, bank.getKey(), bank.getValue());
                strongest = Optional.of(bank);
            } else {
                run.notChecked("event log for the bank " + bank.getKey().claimName(), "the log has no digests for it");
            }
        }
        if (strongest.isEmpty()) {
            run.refuse(Code.EVENT_LOG_MISMATCH, "event-log", "no digests of a bank that was quoted", "digests of a quoted bank",
                    "Quote a bank that the firmware measures into.");
            return Optional.empty();
        }
        TpmHash hash = strongest.get().getKey();
        LogRules.checkData(run, log, hash);
        run.checked("event log", log.events().size() + " events lead to the quoted registers");
        return run.reasons() > before
                ? Optional.empty()
                : Optional.of(BootState.of(log, hash, strongest.get().getValue().keySet()));
    }

    private static void compare(Verification run, EventLog log, TpmHash hash, SortedMap<Integer, Bytes> quoted) {
        SortedMap<Integer, Bytes> replayed = Replay.of(log, hash);
        SortedMap<Integer, Bytes> launched = Replay.extendsDynamic(log) ? Replay.of(log, hash, true) : replayed;
        Set<Integer> outside = new TreeSet<>();
        quoted.forEach((register, value) -> {
            Bytes start = Replay.start(log, hash, register);
            Bytes led = replayed.getOrDefault(register, start);
            if (value.equals(led) || value.equals(launched.getOrDefault(register, start))) {
                return;
            }
            if (!replayed.containsKey(register) && register > LAST_OF_FIRMWARE) {
                outside.add(register);
                return;
            }
            run.refuse(Code.EVENT_LOG_MISMATCH, "event-log", "a log that leads to " + led.shortHex() + " in PCR " + register
                    + " of the bank " + hash.claimName(), "the quoted " + value.shortHex(),
                    "The log is of another boot, incomplete or changed: ask for the log of this boot.");
        });
        if (!outside.isEmpty()) {
            run.notChecked("registers " + outside + " of the bank " + hash.claimName(),
                    "the log does not extend them: the operating system did");
        }
        Set<Integer> unquoted = new TreeSet<>(replayed.keySet());
        unquoted.removeAll(quoted.keySet());
        if (!unquoted.isEmpty()) {
            run.notChecked("events in registers " + unquoted + " of the bank " + hash.claimName(), "these registers were not quoted");
        }
    }
}
