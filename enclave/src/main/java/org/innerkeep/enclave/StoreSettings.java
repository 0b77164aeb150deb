package org.innerkeep.enclave;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
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
    private final Optional<Registration> registration;

    /**
     * A vault that knows which version is the newest.
     *
     * @param vault from {@link EnclaveContext#vault}
     * @param key the name of the key in it, whose grants say which enclaves may use its register
     * @param recipient of that key, to which values are sealed as well, so that the vault releases them; nothing where they are not
     */
    public record Registration(Vault vault, String key, Optional<Recipient> recipient) {}

    private StoreSettings(Set<SealTo> platform, List<Recipient> recovery, Optional<Registration> registration) {
        this.platform = Set.copyOf(platform);
        this.recovery = List.copyOf(recovery);
        this.registration = registration;
        if (recipients().size() > MAX_RECIPIENTS || recipients().stream().map(Recipient::kind).distinct().count() > 1) {
            throw new IllegalArgumentException("store: expected at most " + MAX_RECIPIENTS + " recipients, all hybrid (age1pq1…) or all"
                    + " classic (age1…): the classic ones among others would open all to a later quantum computer");
        }
    }

    /**
     * Seals to this platform.
     *
     * @param first whose enclaves open the values; {@link SealTo#SIGNER} lets a later version read what this one stored
     * @param more further ones
     * @return settings without recovery: what the platform loses is lost
     */
    public static StoreSettings sealedTo(SealTo first, SealTo... more) {
        return new StoreSettings(EnumSet.of(first, more), List.of(), Optional.empty());
    }

    /**
     * Seals to recipients as well, so that a change of machine, keeper, microcode or version loses nothing. Whoever has the identity reads
     * all that is stored, with any tool of the age format; and knows the keys of those files, so that it could change them.
     *
     * @param recipients {@code age1pq1…}, or {@code age1…} if all are of that kind
     * @return changed copy
     * @throws IllegalArgumentException if one is no recipient, they are of two kinds, or there are more than 16 with the vault's
     */
    public StoreSettings recoverableBy(String... recipients) {
        List<Recipient> all = new ArrayList<>(recovery);
        for (String each : recipients) {
            all.add(parsed(each));
        }
        return new StoreSettings(platform, all, registration);
    }

    private static Recipient parsed(String text) {
        try {
            return Recipient.parse(text);
        } catch (SealedFileException e) {
            throw new IllegalArgumentException("store: " + e.getMessage(), e);
        }
    }

    /**
     * Has a vault remember which version of each value is the newest, for all enclaves of this signer and product: then older ones are
     * refused, and {@link Stored#freshness} is {@link Freshness#PROVEN}. Storing and reading then need the vault.
     *
     * @param vault from {@link EnclaveContext#vault}
     * @param key the name of the key in it, whose grants say which enclaves may use its register
     * @return changed copy
     */
    public StoreSettings registeredAt(Vault vault, String key) {
        return new StoreSettings(platform, recovery, Optional.of(new Registration(vault, key, Optional.empty())));
    }

    /**
     * The same, and seals to the key itself as well: where this platform does not open a value that the register names, the vault releases
     * it to this enclave, if its owner has granted that. So a new machine, keeper or microcode goes on where the old one ended. The vault's
     * owner can read what is stored.
     *
     * @param vault from {@link EnclaveContext#vault}
     * @param key the name of the key in it
     * @param recipient of that key, {@code age1pq1…} or {@code age1…}, as {@code innerkeep keys show} has it
     * @return changed copy
     * @throws IllegalArgumentException if it is no recipient, or not of the kind of those of the recovery
     */
    public StoreSettings registeredAt(Vault vault, String key, String recipient) {
        return new StoreSettings(
                platform, recovery, Optional.of(new Registration(vault, key, Optional.of(parsed(recipient)))));
    }

    /** {@return whose enclaves on this platform open the values} */
    public Set<SealTo> platform() {
        return platform;
    }

    /** {@return the recipients of the recovery, and of the vault's key} */
    public List<Recipient> recipients() {
        List<Recipient> all = new ArrayList<>(recovery);
        registration.flatMap(Registration::recipient).ifPresent(all::add);
        return List.copyOf(all);
    }

    /** {@return the vault that knows which version is the newest} */
    public Optional<Registration> registration() {
        return registration;
    }
}
