package org.innerkeep.evidence.eventlog;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Verification;

/** Rules that a log follows beside leading to the right values: one that breaks them could be read in two ways. */
final class LogRules {
    private static final int MAX_FAULTS = 16;
    private static final Set<String> SEPARATORS = Set.of("00000000", "ffffffff");

    private LogRules() {}

    /** The last register that firmware writes and whose separator divides it from what comes after. */
    private static int lastOfFirmware(EventLog log) {
        return log.format() == EventLog.Format.CCEL ? 2 : 7;
    }

    /**
     * Checks:
     *
     * <ol>
     *   <li>only known types of events in these registers;
     *   <li>the locality at start-up is said once, before PCR 0 is extended.
     * </ol>
     */
    static void check(Verification run, EventLog log) {
        int before = run.reasons();
        boolean started = false;
        boolean located = false;
        for (int i = 0; i < log.events().size() && run.reasons() - before < MAX_FAULTS; i++) {
            EventLog.Event event = log.events().get(i);
            if (isFirmwares(log, event) && !EventType.isKnown(event.type())) {
                refuse(run, i, String.format("an event of the unknown type 0x%08x in register %d", event.type(), event.register()),
                        "events of known types where the firmware measures");
            }
            if (Replay.isStartupLocality(event)) {
                if (started || located) {
                    refuse(run, i, "the locality at start-up said late or twice", "said once, before PCR 0 is extended");
                }
                located = true;
            }
            started |= event.register() == 0 && event.extendsRegister();
        }
    }

    /**
     * Checks, in the registers of the firmware:
     *
     * <ol>
     *   <li>the data of events is what their digests are of, where the firmware must have it so;
     *   <li>each register has one separator at most, known by its digest and not by its type, which anyone can change: what stands
     *       before it is the firmware's word, and a second one, or one in disguise, would let what comes later pass for it.
     * </ol>
     *
     * A part of the S-CRTM may itself consist of what a separator does: processors measure empty records of the firmware interface
     * table so, into PCR 0, before the firmware runs. Such an event is borne with; {@link BootState} takes it for the separator that it
     * may be.
     *
     * @param hash the bank
     */
    static void checkData(Verification run, EventLog log, TpmHash hash) {
        int before = run.reasons();
        Set<Bytes> separators = separators(hash);
        Set<Long> separated = new HashSet<>();
        int disguised = 0;
        for (int i = 0; i < log.events().size() && run.reasons() - before < MAX_FAULTS; i++) {
            EventLog.Event event = log.events().get(i);
            if (!isFirmwares(log, event)) {
                continue;
            }
            boolean separates = separators.contains(event.digest(hash).orElseThrow());
            if (EventData.check(event, hash) == EventData.Proof.WRONG) {
                refuse(run, i, "data that its digest is not of", "the data that was measured");
            } else if (event.type() == EventType.SEPARATOR && !separates) {
                refuse(run, i, "a separator by which the firmware says that it failed", "a separator of zeros or ones");
            } else if (separates && isPartOfCrtm(log, event)) {
                disguised++;
            } else if (separates && event.type() != EventType.SEPARATOR) {
                refuse(run, i, "a separator under another type", "a separator under its own type");
            } else if (separates && !separated.add(event.register())) {
                refuse(run, i, "a second separator in register " + event.register(), "one separator");
            }
        }
        if (disguised > 0) {
            // Said once: a log may have thousands.
            run.notChecked("event-log", "events that are parts of the S-CRTM or separators in disguise: " + disguised);
        }
    }

    /** EV_S_CRTM_CONTENTS, of which PCR 0 alone may have any (10.4.1). */
    private static boolean isPartOfCrtm(EventLog log, EventLog.Event event) {
        return event.type() == EventType.CRTM_CONTENTS && event.register() == 0 && log.format() != EventLog.Format.CCEL;
    }

    /** The digests of separators by which the firmware does not say that it failed. */
    static Set<Bytes> separators(TpmHash hash) {
        return SEPARATORS.stream().map(data -> hash.digest(Bytes.fromHex(data).toArray())).collect(Collectors.toSet());
    }

    private static boolean isFirmwares(EventLog log, EventLog.Event event) {
        return event.register() <= lastOfFirmware(log) && event.extendsRegister();
    }

    private static void refuse(Verification run, int event, String found, String wanted) {
        run.refuse(Code.EVENT_LOG_MISMATCH, "event-log[" + event + "]", found, wanted,
                "The log was changed, or firmware wrote it that does not follow the specification: do not rely on it.");
    }
}
