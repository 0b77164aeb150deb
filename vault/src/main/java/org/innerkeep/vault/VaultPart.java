package org.innerkeep.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.attestation.Enclosure;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.ServicePart;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.vault.azure.AzureConfiguration;
import org.innerkeep.vault.azure.AzureVault;
import org.innerkeep.vault.http.VaultApi;
import org.innerkeep.vault.http.VaultCertificate;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.master.MasterKey;
import org.innerkeep.vault.master.Terminal;
import org.innerkeep.vault.release.FileKeyRelease;
import org.innerkeep.vault.release.ReleaseSettings;

/**
 * The vault as a part of the service. Its settings: {@code vault} (true unless it is set to false), {@code vault-restored}, {@code
 * vault-accept-tcb} and {@code vault-evidence-age}, and those of {@link MasterKey} and {@link AzureConfiguration}. Who may vouch for
 * evidence is what the service pins; everything that the attestation service leaves to policies is refused here, unless a setting or a
 * grant names it.
 */
public final class VaultPart implements ServicePart {
    private static final String OPERATOR = "operator";
    private static final Duration BETWEEN_NOTES = Duration.ofSeconds(5);

    private final Optional<Terminal> terminal;

    /** A vault, to be opened with the service, which asks nobody. */
    public VaultPart() {
        this(Optional.empty());
    }

    /**
     * A vault, to be opened with the service.
     *
     * @param terminal to ask for a passphrase and to show shares at, where somebody sits before one
     */
    public VaultPart(Optional<Terminal> terminal) {
        this.terminal = terminal;
    }

    @Override
    public void check(ServiceConfiguration configuration) throws IOException {
        if (configuration.flag("vault", true)) {
            MasterKey.check(configuration, terminal.isPresent());
            settings(configuration, List.of());
            configuration.flag("vault-restored", false);
            AzureConfiguration.check(configuration);
        }
    }

    @Override
    public Opened open(Surroundings surroundings) throws IOException {
        ServiceConfiguration configuration = surroundings.configuration();
        if (!configuration.flag("vault", true)) {
            return new Nothing();
        }
        ReleaseSettings settings = settings(configuration, surroundings.anchors());
        Optional<Enclosure> enclosure = surroundings.enclosure();
        // In an enclave there is no folder, and the journal answers for being the newest.
        Optional<Path> folder = enclosure.isPresent() ? Optional.empty() : Optional.of(folder(configuration));
        MasterKey master = MasterKey.open(
                configuration,
                terminal,
                surroundings.store(),
                LoggedKeyStore.isIn(surroundings.store()),
                enclosure.map(Enclosure::master),
                surroundings.random());
        LoggedKeyStore keys = LoggedKeyStore.open(surroundings.store(), master.key(), surroundings.random());
        boolean opened = false;
        try {
            Optional<Witness> witness = folder.map(each -> new Witness(each.resolve("vault.witness"), surroundings.log()));
            // Keys are disabled before a new way to open them holds: whoever recovers them looks at grants first, come what may.
            checkLife(keys, witness, master.recovered() || configuration.flag("vault-restored", false));
            if (enclosure.isPresent()) {
                keys.accepted(enclosure.get().acceptance(), OPERATOR);
            }
            master.settle();
            if (witness.isPresent()) {
                witness.get().note(keys::epoch);
            }
            Optional<VaultCertificate> certificate = surroundings.evidence().isPresent()
                    ? Optional.of(VaultCertificate.make(
                            keys, surroundings.evidence().get(), surroundings.clock(), surroundings.random()))
                    : Optional.empty();
            FileKeyRelease release = new FileKeyRelease(settings, new FileKeyRelease.Parts(
                    keys,
                    surroundings.verifier(),
                    surroundings.endorsements(),
                    surroundings.fetched(),
                    surroundings.clock(),
                    surroundings.notBefore(),
                    surroundings.appraisal(),
                    surroundings.random()));
            Optional<AzureVault> azure = azure(surroundings, keys, release, folder);
            VaultApi api = new VaultApi(keys, release, certificate, surroundings.clock(), surroundings.random());
            opened = true;
            return new Open(keys, release, azure, witness, api, master.said());
        } finally {
            if (!opened) {
                keys.close();
            }
        }
    }

    /** Of all files of the vault, in whatever way its master key is wrapped: the witness stays where it is when that changes. */
    private static Path folder(ServiceConfiguration configuration) throws IOException {
        Path masterKey = configuration.file("vault-master-key-file", "vault.key");
        Path folder = masterKey.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(masterKey + ": its folder does not exist");
        }
        return folder;
    }

    /** Closes the release where the interface cannot be opened. */
    private static Optional<AzureVault> azure(
            Surroundings surroundings, LoggedKeyStore keys, FileKeyRelease release, Optional<Path> folder) throws IOException {
        boolean opened = false;
        try {
            Optional<AzureVault> azure = AzureConfiguration.open(surroundings, keys, new TextChallenges(release), folder);
            opened = true;
            return azure;
        } finally {
            if (!opened) {
                release.close();
            }
        }
    }

    private static void checkLife(LoggedKeyStore keys, Optional<Witness> witness, boolean restored) throws IOException {
        Optional<Witness.Seen> seen = witness.isPresent() ? witness.get().seen() : Optional.empty();
        boolean older = seen.isPresent()
                && (!witness.orElseThrow().goesOn(seen.get()) || keys.epoch() < seen.get().epoch());
        if (older && !restored) {
            throw new IOException("vault: its store is older than what was seen of it (life " + seen.get().epoch() + ", "
                    + seen.get().head().head().size() + " leaves of the log): a copy was put back, in which grants may hold that were"
                    + " revoked since. Put back the newest store; or, if there is none, start once with vault-restored=true, which begins"
                    + " the vault's next life with every key disabled");
        }
        if (restored) {
            keys.restored(seen.map(Witness.Seen::epoch).orElse(0L), OPERATOR);
        }
    }

    private static ReleaseSettings settings(ServiceConfiguration configuration, List<Anchor> anchors) {
        VerifierOptions options = VerifierOptions.of(anchors);
        for (String each : configuration.list("vault-accept-tcb")) {
            TcbStatus status = TcbStatus.of(each).filter(found -> found != TcbStatus.REVOKED).orElseThrow(() ->
                    new IllegalArgumentException("vault-accept-tcb: expected statuses among " + List.of(TcbStatus.values())
                            + " other than Revoked, found '" + each + "'"));
            options = options.acceptTcb(status);
        }
        return new ReleaseSettings(
                options,
                ReleaseSettings.CHALLENGE_VALIDITY,
                configuration.duration("vault-evidence-age", ReleaseSettings.EVIDENCE_AGE));
    }

    /** Where the vault is switched off. */
    private static final class Nothing implements Opened {
        @Override
        public List<Route> routes() {
            return List.of();
        }

        @Override
        public List<String> said() {
            return List.of();
        }

        @Override
        public void close() {
            // There is nothing.
        }
    }

    private static final class Open implements Opened {
        private final LoggedKeyStore keys;
        private final FileKeyRelease release;
        private final Optional<AzureVault> azure;
        private final Optional<Witness> witness;
        private final VaultApi api;
        private final List<String> said;
        private final AtomicLong noted = new AtomicLong(System.nanoTime());

        Open(
                LoggedKeyStore keys,
                FileKeyRelease release,
                Optional<AzureVault> azure,
                Optional<Witness> witness,
                VaultApi api,
                List<String> said) {
            this.keys = keys;
            this.release = release;
            this.azure = azure;
            this.witness = witness;
            this.api = api;
            this.said = List.copyOf(said);
            if (witness.isPresent()) {
                keys.whenChanged(this::note, this::noteInAWhile);
            }
        }

        /** Not at each release, since it waits for the disk: what is lost of the time between are counts of uses. */
        private void noteInAWhile() {
            long now = System.nanoTime();
            long last = noted.get();
            if (now - last > BETWEEN_NOTES.toNanos() && noted.compareAndSet(last, now)) {
                note();
            }
        }

        private void note() {
            try {
                witness.orElseThrow().note(keys::epoch);
            } catch (IOException e) {
                // What changed is on disk and in the log. Whoever has it put back now is found out only by receipts.
                System.getLogger("org.innerkeep.vault").log(System.Logger.Level.WARNING,
                        "vault: what was seen of the log cannot be written down: " + e.getMessage());
            }
        }

        @Override
        public List<Route> routes() {
            List<Route> all = new ArrayList<>(api.routes());
            azure.ifPresent(vault -> all.addAll(vault.routes()));
            return List.copyOf(all);
        }

        @Override
        public List<String> said() {
            List<String> all = new ArrayList<>();
            all.add("vault key    " + new VaultAnchor(keys.publicKey().spki()));
            all.addAll(said);
            return List.copyOf(all);
        }

        @Override
        public void close() {
            try {
                if (witness.isPresent()) {
                    witness.get().note(keys::epoch);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                azure.ifPresent(AzureVault::close);
                release.close();
                keys.close();
            }
        }
    }
}
