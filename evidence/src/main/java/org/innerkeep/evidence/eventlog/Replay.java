package org.innerkeep.evidence.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;

/** Computes to which values of registers a log leads. */
public final class Replay {
    /** The first and the last PCR that a dynamic launch resets. */
    private static final int FIRST_DYNAMIC = 17;

    private static final int LAST_DYNAMIC = 22;

    private static final byte[] STARTUP_LOCALITY = "StartupLocality\0".getBytes(StandardCharsets.US_ASCII);

    private Replay() {}

    /**
     * Replays a log from the values that registers have when the machine starts.
     *
     * @param log the log
     * @param hash the bank; the log {@linkplain EventLog#has has} it
     * @return the value of each register that the log extends
     */
    public static SortedMap<Integer, Bytes> of(EventLog log, TpmHash hash) {
        return of(log, hash, false);
    }

    /**
     * Replays a log.
     *
     * @param log the log
     * @param hash the bank; the log {@linkplain EventLog#has has} it
     * @param launched whether a dynamic launch set PCR 17 to 22 to zeros, before anything in the log
     * @return the value of each register that the log extends
     */
    static SortedMap<Integer, Bytes> of(EventLog log, TpmHash hash, boolean launched) {
        TreeMap<Integer, Bytes> registers = new TreeMap<>();
        for (EventLog.Event event : log.events()) {
            if (event.extendsRegister()) {
                int register = (int) event.register();
                Bytes before = registers.get(register);
                if (before == null) {
                    before = launched && isDynamic(log, register) ? zeros(hash) : start(log, hash, register);
                }
                Bytes digest = event.digest(hash).orElseThrow(() -> new IllegalArgumentException("the log has no such digests"));
                registers.put(register, hash.digest(before.toArray(), digest.toArray()));
            }
        }
        return registers;
    }

    /** Whether there are events in registers that a dynamic launch resets. */
    static boolean extendsDynamic(EventLog log) {
        return log.events().stream().anyMatch(each -> each.extendsRegister() && isDynamic(log, (int) each.register()));
    }

    private static boolean isDynamic(EventLog log, int register) {
        return log.format() != EventLog.Format.CCEL && register >= FIRST_DYNAMIC && register <= LAST_DYNAMIC;
    }

    private static Bytes zeros(TpmHash hash) {
        return Bytes.of(new byte[hash.length()]);
    }

    /**
     * The value of a register when the machine starts: zeros; all ones where only a dynamic launch resets it; in PCR 0 the locality at
     * which the TPM was started, where the log says so.
     */
    static Bytes start(EventLog log, TpmHash hash, int register) {
        byte[] value = new byte[hash.length()];
        if (isDynamic(log, register)) {
            Arrays.fill(value, (byte) 0xff);
        } else if (register == 0 && log.format() != EventLog.Format.CCEL) {
            for (EventLog.Event event : log.events()) {
                if (isStartupLocality(event)) {
                    value[value.length - 1] = event.data().toArray()[STARTUP_LOCALITY.length];
                    break;
                }
            }
        }
        return Bytes.of(value);
    }

    /** TCG_EfiStartupLocalityEvent (10.4.5.3). */
    static boolean isStartupLocality(EventLog.Event event) {
        if (event.type() != EventType.NO_ACTION || event.register() != 0 || event.data().length() != STARTUP_LOCALITY.length + 1) {
            return false;
        }
        byte[] data = event.data().toArray();
        return Arrays.equals(data, 0, STARTUP_LOCALITY.length, STARTUP_LOCALITY, 0, STARTUP_LOCALITY.length);
    }
}
