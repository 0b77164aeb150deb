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
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.ServicePart;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.vault.azure.AzureConfiguration;
import org.innerkeep.vault.azure.AzureVault;
import org.innerkeep.vault.http.VaultApi;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.release.FileKeyRelease;
import org.innerkeep.vault.release.ReleaseSettings;

/**
 * The vault as a part of the service. Its settings: {@code vault} (true unless it is set to false), {@code vault-master-key-file},
 * {@code vault-restored}, {@code vault-accept-tcb} and {@code vault-evidence-age}, and those of {@link AzureConfiguration}. Who may vouch
 * for evidence is what the service pins; everything that the attestation service leaves to policies is refused here, unless a setting or
 * a grant names it.
 */
public final class VaultPart implements ServicePart {
    private static final String OPERATOR = "operator";
    private static final Duration BETWEEN_NOTES = Duration.ofSeconds(5);

    /** A vault, to be opened with the service. */
    public VaultPart() {}

    @Override
    public Opened open(Surroundings surroundings) throws IOException {
        ServiceConfiguration configuration = surroundings.configuration();
        if (!configuration.flag("vault", true)) {
            return new Nothing();
        }
        ReleaseSettings settings = settings(surroundings);
        Path masterKey = configuration.file("vault-master-key-file", "vault.key");
        Path folder = masterKey.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(masterKey + ": its folder does not exist");
        }
        if (!Files.exists(masterKey) && LoggedKeyStore.isIn(surroundings.store())) {
            // A new one would open nothing, and look as if it were the right one.
            throw new IOException("vault: its master key " + masterKey + " is missing; put it back, or name it with"
                    + " vault-master-key-file");
        }
        LoggedKeyStore keys = LoggedKeyStore.open(
                surroundings.store(), WrappingKey.readOrCreate(masterKey, surroundings.random()), surroundings.random());
        boolean opened = false;
        try {
            Witness witness = new Witness(folder.resolve("vault.witness"), surroundings.log());
            checkLife(keys, witness, configuration.flag("vault-restored", false));
            FileKeyRelease release = new FileKeyRelease(settings, new FileKeyRelease.Parts(
                    keys,
                    surroundings.verifier(),
                    surroundings.endorsements(),
                    surroundings.fetched(),
                    surroundings.clock(),
                    surroundings.appraisal(),
                    surroundings.random()));
            Optional<AzureVault> azure = azure(surroundings, keys, release, folder);
            opened = true;
            return new Open(keys, release, azure, witness, surroundings);
        } finally {
            if (!opened) {
                keys.close();
            }
        }
    }

    /** Closes the release where the interface cannot be opened. */
    private static Optional<AzureVault> azure(Surroundings surroundings, LoggedKeyStore keys, FileKeyRelease release, Path folder)
            throws IOException {
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

    private static void checkLife(LoggedKeyStore keys, Witness witness, boolean restored) throws IOException {
        Optional<Witness.Seen> seen = witness.seen();
        boolean older = seen.isPresent() && (!witness.goesOn(seen.get()) || keys.epoch() < seen.get().epoch());
        if (older && !restored) {
            throw new IOException("vault: its store is older than what was seen of it (life " + seen.get().epoch() + ", "
                    + seen.get().head().head().size() + " leaves of the log): a copy was put back, in which grants may hold that were"
                    + " revoked since. Put back the newest store; or, if there is none, start once with vault-restored=true, which begins"
                    + " the vault's next life with every key disabled");
        }
        if (restored) {
            keys.restored(seen.map(Witness.Seen::epoch).orElse(0L), OPERATOR);
        }
        witness.note(keys::epoch);
    }

    private static ReleaseSettings settings(Surroundings surroundings) {
        ServiceConfiguration configuration = surroundings.configuration();
        VerifierOptions options = VerifierOptions.of(surroundings.anchors());
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
        private final Witness witness;
        private final VaultApi api;
        private final AtomicLong noted = new AtomicLong(System.nanoTime());

        Open(
                LoggedKeyStore keys,
                FileKeyRelease release,
                Optional<AzureVault> azure,
                Witness witness,
                Surroundings surroundings) {
            this.keys = keys;
            this.release = release;
            this.azure = azure;
            this.witness = witness;
            this.api = new VaultApi(keys, release, surroundings.clock(), surroundings.random());
            keys.whenChanged(this::note, this::noteInAWhile);
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
                witness.note(keys::epoch);
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
            return List.of("vault key    " + new VaultAnchor(keys.publicKey().spki()));
        }

        @Override
        public void close() {
            try {
                witness.note(keys::epoch);
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
