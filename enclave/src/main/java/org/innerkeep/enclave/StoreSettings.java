package org.innerkeep.enclave;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFileException;

/**
 * To whom an enclave's stored values are sealed. Each is encrypted once, under a key of its own, which is wrapped once for each of these:
 * any of them alone opens it. Write them into the measured code: whoever agrees to the code agrees to who reads what it stores.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class StoreSettings {
    private static final int MAX_RECIPIENTS = 16;

    private final Set<SealTo> platform;
    private final List<Recipient> recovery;

    private StoreSettings(Set<SealTo> platform, List<Recipient> recovery) {
        this.platform = Set.copyOf(platform);
        this.recovery = List.copyOf(recovery);
    }

    /**
     * Seals to this platform.
     *
     * @param first whose enclaves open the values; {@link SealTo#SIGNER} lets a later version read what this one stored
     * @param more further ones
     * @return settings without recovery: what the platform loses is lost
     */
    public static StoreSettings sealedTo(SealTo first, SealTo... more) {
        return new StoreSettings(EnumSet.of(first, more), List.of());
    }

    /**
     * Seals to recipients as well, so that a change of machine, keeper, microcode or version loses nothing. Whoever has the identity reads
     * all that is stored, with any tool of the age format, and can make values that this enclave takes for its own.
     *
     * @param recipients {@code age1pq1…}, or {@code age1…} if all are of that kind
     * @return changed copy
     * @throws IllegalArgumentException if one is no recipient, they are of two kinds, or there are more than 16
     */
    public StoreSettings recoverableBy(String... recipients) {
        List<Recipient> all = new ArrayList<>(recovery);
        for (String each : recipients) {
            try {
                all.add(Recipient.parse(each));
            } catch (SealedFileException e) {
                throw new IllegalArgumentException("recovery: " + e.getMessage(), e);
            }
        }
        if (all.size() > MAX_RECIPIENTS || all.stream().map(Recipient::kind).distinct().count() > 1) {
            throw new IllegalArgumentException("recovery: expected at most " + MAX_RECIPIENTS + " recipients, all hybrid (age1pq1…) or all"
                    + " classic (age1…): the classic ones among others would open all to a later quantum computer");
        }
        return new StoreSettings(platform, all);
    }

    /** {@return whose enclaves on this platform open the values} */
    public Set<SealTo> platform() {
        return platform;
    }

    /** {@return who else opens them} */
    public List<Recipient> recovery() {
        return recovery;
    }
}
