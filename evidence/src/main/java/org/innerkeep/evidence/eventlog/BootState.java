package org.innerkeep.evidence.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;

/**
 * What a proven log says of how a machine booted.
 *
 * @param debug whether the firmware let a debugger in
 * @param claims by name: {@code secureboot} where the log proves its state, {@code firmware-release}, {@code dma-protection} where the
 *     firmware says that it is off, {@code gce-confidential-technology}, {@code event-log-events}
 */
public record BootState(boolean debug, Map<String, ClaimValue> claims) {
    /** EFI_GLOBAL_VARIABLE, 8be4df61-93ca-11d2-aa0d-00e098032b8c. */
    private static final Bytes GLOBAL = Bytes.fromHex("61dfe48bca93d211aa0d00e098032b8c");

    private static final byte[] GCE = "GCE NonHostInfo\0".getBytes(StandardCharsets.US_ASCII);

    /** Copies the claims. */
    public BootState {
        claims = Map.copyOf(claims);
    }

    /**
     * Reads the state off a log.
     *
     * @param log whose digests are proven for this bank
     * @param hash the bank
     * @param registers for which they are proven
     * @return the state
     */
    static BootState of(EventLog log, TpmHash hash, Set<Integer> registers) {
        boolean cc = log.format() == EventLog.Format.CCEL;
        int firmware = cc ? 1 : 0;
        int policy = cc ? 1 : 7;
        Bytes debugMode = hash.digest("UEFI Debug Mode".getBytes(StandardCharsets.US_ASCII));
        Bytes withoutDmaProtection = hash.digest("DMA Protection Disabled".getBytes(StandardCharsets.US_ASCII));
        Map<String, ClaimValue> claims = new TreeMap<>();
        Set<Bytes> separators = LogRules.separators(hash);
        Set<Integer> separated = new HashSet<>();
        boolean debug = false;
        int secureBootEvents = 0;
        Optional<Boolean> secureBoot = Optional.empty();
        for (EventLog.Event event : log.events()) {
            int register = (int) event.register();
            if (!event.extendsRegister() || !registers.contains(register)) {
                continue;
            }
            if (register == policy) {
                // Known by their digests: under another type, or with other data, they still happened.
                Bytes digest = event.digest(hash).orElse(Bytes.EMPTY);
                debug |= digest.equals(debugMode);
                if (digest.equals(withoutDmaProtection)) {
                    claims.put("dma-protection", ClaimValue.of(false));
                }
            }
            if (separators.contains(event.digest(hash).orElse(Bytes.EMPTY))) {
                // Whatever its type says: what comes after it need not be the firmware's.
                separated.add(register);
                continue;
            }
            if (EventData.check(event, hash) != EventData.Proof.PROVEN) {
                continue;
            }
            if (event.type() == EventType.SEPARATOR) {
                separated.add(register);
            } else if (event.type() == EventType.VARIABLE_DRIVER_CONFIG && register == policy && !separated.contains(policy)) {
                // After the separator the firmware has given up control: whoever writes then may write anything.
                Optional<Boolean> found = secureBoot(event.data());
                if (found.isPresent()) {
                    secureBoot = found;
                    secureBootEvents++;
                }
            } else if (event.type() == EventType.CRTM_VERSION && register == firmware && !separated.contains(firmware)) {
                EventData.text(event.data()).ifPresent(text -> claims.put("firmware-release", ClaimValue.of(text)));
            } else if (event.type() == EventType.NONHOST_INFO && register == firmware && !separated.contains(firmware)) {
                technology(event.data()).ifPresent(text -> claims.put("gce-confidential-technology", ClaimValue.of(text)));
            }
        }
        if (secureBootEvents == 1 && separated.contains(policy)) {
            secureBoot.ifPresent(on -> claims.put("secureboot", ClaimValue.of(on)));
        }
        claims.put("event-log-events", ClaimValue.of(log.events().size()));
        return new BootState(debug, claims);
    }

    /** The variable SecureBoot: one byte, 1 for on; empty or absent for off. */
    private static Optional<Boolean> secureBoot(Bytes data) {
        try {
            EventData.Variable variable = EventData.Variable.parse(data.toArray());
            if (variable.vendor().equals(GLOBAL) && variable.name().equals("SecureBoot")) {
                return Optional.of(variable.value().hex().equals("01"));
            }
        } catch (MalformedException e) {
            // No variable, no state.
        }
        return Optional.empty();
    }

    /** What Google's firmware says of the processor's memory encryption. */
    private static Optional<String> technology(Bytes data) {
        byte[] bytes = data.toArray();
        if (bytes.length <= GCE.length || !Arrays.equals(bytes, 0, GCE.length, GCE, 0, GCE.length)) {
            return Optional.empty();
        }
        return switch (bytes[GCE.length]) {
            case 0 -> Optional.of("none");
            case 1 -> Optional.of("amd-sev");
            case 2 -> Optional.of("amd-sev-es");
            case 3 -> Optional.of("intel-tdx");
            case 4 -> Optional.of("amd-sev-snp");
            default -> Optional.empty();
        };
    }
}
