package org.innerkeep.makers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.jspecify.annotations.Nullable;

/**
 * Firmware that measures: it extends registers and writes an event log, right or wrong as it is told. Registers are extended by code of
 * its own, so that a test does not compare the library with itself. Not safe for use by several threads.
 */
public final class FakeEventLog {
    /** EV_NO_ACTION. */
    public static final long NO_ACTION = 3;
    /** EV_SEPARATOR. */
    public static final long SEPARATOR = 4;
    /** EV_S_CRTM_CONTENTS. */
    public static final long CRTM_CONTENTS = 7;
    /** EV_S_CRTM_VERSION. */
    public static final long CRTM_VERSION = 8;
    /** EV_IPL. */
    public static final long IPL = 0xd;
    /** EV_NONHOST_INFO. */
    public static final long NONHOST_INFO = 0x11;
    /** EV_EFI_VARIABLE_DRIVER_CONFIG. */
    public static final long VARIABLE_DRIVER_CONFIG = 0x80000001L;
    /** EV_EFI_BOOT_SERVICES_APPLICATION. */
    public static final long APPLICATION = 0x80000003L;
    /** EV_EFI_ACTION. */
    public static final long EFI_ACTION = 0x80000007L;

    private static final byte[] GLOBAL_VARIABLE = Bytes.fromHex("61dfe48bca93d211aa0d00e098032b8c").toArray();
    private static final byte[] ZEROS = new byte[4];

    private final EventLog.Format format;
    private final List<TpmHash> banks;
    private final List<EventLog.Event> events = new ArrayList<>();
    private final SortedMap<TpmHash, SortedMap<Integer, Bytes>> registers = new TreeMap<>();
    private int padding;

    /**
     * Begins a log.
     *
     * @param format its form
     * @param banks of the digests; SHA-1 alone in the older form
     */
    public FakeEventLog(EventLog.Format format, TpmHash... banks) {
        this.format = format;
        this.banks = List.of(banks);
        if (format != EventLog.Format.LEGACY) {
            int register = format == EventLog.Format.CCEL ? 1 : 0;
            events.add(new EventLog.Event(register, NO_ACTION, digests(List.of(TpmHash.SHA1), null), Bytes.of(header())));
        }
    }

    /** A log of a machine that booted well, with secure boot. */
    public static FakeEventLog booted(EventLog.Format format, TpmHash... banks) {
        FakeEventLog log = new FakeEventLog(format, banks);
        boolean cc = format == EventLog.Format.CCEL;
        int policy = cc ? 1 : 7;
        log.measure(cc ? 1 : 0, CRTM_VERSION, "Fake 1.0\0".getBytes(StandardCharsets.UTF_16LE));
        log.measure(policy, VARIABLE_DRIVER_CONFIG, secureBoot(true));
        if (cc) {
            log.separate(1);
        } else {
            for (int i = 0; i < 8; i++) {
                log.separate(i);
            }
        }
        log.measure(cc ? 2 : 4, EFI_ACTION, "Calling EFI Application from Boot Option".getBytes(StandardCharsets.US_ASCII));
        if (cc) {
            log.separate(2);
        }
        log.measure(cc ? 2 : 4, APPLICATION, new byte[] {1, 2, 3}, new byte[] {9, 9});
        log.measure(cc ? 3 : 8, IPL, "kernel".getBytes(StandardCharsets.US_ASCII), "kernel_cmdline: kernel\0".getBytes(StandardCharsets.US_ASCII));
        return log;
    }

    /** {@return the variable SecureBoot} */
    public static byte[] secureBoot(boolean on) {
        byte[] name = "SecureBoot".getBytes(StandardCharsets.UTF_16LE);
        byte[] sizes = new byte[16];
        sizes[0] = (byte) (name.length / 2);
        sizes[8] = 1;
        return joined(GLOBAL_VARIABLE, sizes, name, new byte[] {(byte) (on ? 1 : 0)});
    }

    /** Measures data and logs the same data. */
    public FakeEventLog measure(int register, long type, byte[] data) {
        return measure(register, type, data, data);
    }

    /** Measures a separator. */
    public FakeEventLog separate(int register) {
        return measure(register, SEPARATOR, ZEROS);
    }

    /** Measures something and logs other data. */
    public FakeEventLog measure(int register, long type, byte[] measured, byte[] data) {
        List<EventLog.Digest> digests = digests(banks, measured);
        events.add(new EventLog.Event(register, type, digests, Bytes.of(data)));
        for (int i = 0; i < banks.size(); i++) {
            byte[] before = register(banks.get(i), register).toArray();
            bank(banks.get(i)).put(register, digest(banks.get(i), joined(before, digests.get(i).value().toArray())));
        }
        return this;
    }

    private Bytes start(TpmHash bank, int register) {
        byte[] value = new byte[bank.length()];
        if (format != EventLog.Format.CCEL && register >= 17 && register <= 22) {
            Arrays.fill(value, (byte) 0xff);
        }
        return Bytes.of(value);
    }

    /** Logs an event that extends nothing. */
    public FakeEventLog note(long register, byte[] data) {
        events.add(new EventLog.Event(register, NO_ACTION, digests(banks, null), Bytes.of(data)));
        return this;
    }

    /** Starts the TPM at a locality, and says so. */
    public FakeEventLog startupLocality(int locality) {
        for (TpmHash bank : banks) {
            byte[] value = new byte[bank.length()];
            value[value.length - 1] = (byte) locality;
            bank(bank).put(0, Bytes.of(value));
        }
        return note(0, joined("StartupLocality\0".getBytes(StandardCharsets.US_ASCII), new byte[] {(byte) locality}));
    }

    /** Takes an event out of the log; the registers stay as they are. */
    public FakeEventLog forget(int event) {
        events.remove(event);
        return this;
    }

    /** Bytes of 255 after the last event. */
    public FakeEventLog padded(int bytes) {
        padding = bytes;
        return this;
    }

    /** {@return the value of a register} */
    public Bytes register(TpmHash bank, int register) {
        return bank(bank).getOrDefault(register, start(bank, register));
    }

    private SortedMap<Integer, Bytes> bank(TpmHash bank) {
        return registers.computeIfAbsent(bank, key -> new TreeMap<>());
    }

    /** {@return the algorithms of the log} */
    public List<TpmHash> banks() {
        return banks;
    }

    /** {@return the log's bytes} */
    public Bytes toBytes() {
        List<EventLog.Algorithm> algorithms = banks.stream().map(bank -> new EventLog.Algorithm(bank.id(), bank.length())).toList();
        return Bytes.of(new EventLog(format, algorithms, events, padding, 255).toByteArray());
    }

    private byte[] header() {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII));
        header.writeBytes(new byte[] {0, 0, 0, 0, 0, 2, 0, 2, (byte) banks.size(), 0, 0, 0});
        for (TpmHash bank : banks) {
            header.writeBytes(new byte[] {(byte) bank.id(), 0, (byte) bank.length(), 0});
        }
        header.write(0);
        return header.toByteArray();
    }

    private static List<EventLog.Digest> digests(List<TpmHash> banks, byte @Nullable [] measured) {
        return banks.stream()
                .map(bank -> new EventLog.Digest(
                        bank.id(), measured == null ? Bytes.of(new byte[bank.length()]) : digest(bank, measured)))
                .toList();
    }

    private static Bytes digest(TpmHash bank, byte[] measured) {
        try {
            return Bytes.of(MessageDigest.getInstance(bank.jcaName()).digest(measured));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
