package org.innerkeep.vault.release;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.key.VaultKey;

/** A vault on a store of its own, by a clock that tests turn, and enclaves that ask it without a network. */
public final class TestVault implements AutoCloseable {
    public static final Instant BEGIN = Instant.parse("2026-06-01T12:00:00Z");
    public static final String OWNER = "owner";

    private final AttestationStore store;
    public final LoggedKeyStore keys;
    public final FileKeyRelease release;
    public final TurnedClock clock;
    private final SecureRandom random = new SecureRandom();

    /** A clock that stands until it is turned. */
    public static final class TurnedClock extends Clock {
        private volatile Instant now;

        public TurnedClock(Instant now) {
            this.now = now;
        }

        public void turn(Duration by) {
            now = now.plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private TestVault(AttestationStore store, LoggedKeyStore keys, FileKeyRelease release, TurnedClock clock) {
        this.store = store;
        this.keys = keys;
        this.release = release;
        this.clock = clock;
    }

    public static TestVault open(Path folder, LogKey logKey, Anchor... anchors) throws IOException {
        TurnedClock clock = new TurnedClock(BEGIN);
        SecureRandom random = new SecureRandom();
        AttestationStore store = AttestationStore.open(
                StoreOptions.of(new StoreLocation.Sqlite(folder.resolve("store.db")), logKey).withClock(clock));
        boolean opened = false;
        try {
            LoggedKeyStore keys = LoggedKeyStore.open(
                    store.further(), WrappingKey.readOrCreate(folder.resolve("vault.key"), random), random);
            FileKeyRelease release = new FileKeyRelease(
                    new ReleaseSettings(VerifierOptions.of(anchors), Duration.ofMinutes(2), Duration.ofMinutes(5)),
                    new FileKeyRelease.Parts(
                            keys, new Verifier(), Endorsements.none(), Optional.empty(), clock, Instant.MIN, clock, random));
            opened = true;
            return new TestVault(store, keys, release, clock);
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    public VaultAnchor anchor() {
        return new VaultAnchor(keys.publicKey().spki());
    }

    public AttestationStore store() {
        return store;
    }

    /** Makes a key, to which files can be sealed. */
    public Recipient newKey(String name) throws RefusedException, IOException {
        return newKey(name, KeyKind.HYBRID);
    }

    public Recipient newKey(String name, KeyKind kind) throws RefusedException, IOException {
        try (Identity identity = Identity.generate(kind, random);
                IdentityKeys version = IdentityKeys.of(identity)) {
            keys.create(new KeyName(name), version.version(), OWNER);
            return identity.recipient();
        }
    }

    /** A sealed file. */
    public static byte[] seal(String text, Recipient... recipients) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), sealed, List.of(recipients), new SecureRandom());
        return sealed.toByteArray();
    }

    public static Bytes header(byte[] sealed) throws IOException {
        return SealedFile.header(new ByteArrayInputStream(sealed));
    }

    public static String open(byte[] sealed, ReleasedKey key) throws IOException {
        return new String(
                SealedFile.open(new ByteArrayInputStream(sealed), key.fileKey()).readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Begins a release, with a fresh challenge. */
    public PendingRelease begin(String key, byte[] sealed) throws IOException, ReleaseRefusedException {
        return begin(key, sealed, Optional.empty());
    }

    public PendingRelease begin(String key, byte[] sealed, Optional<Bytes> job) throws IOException, ReleaseRefusedException {
        return PendingRelease.begin(
                anchor(), release.challenge().toByteArray(), key, header(sealed), job, random);
    }

    public ReleaseCall call(PendingRelease pending, FakeEnclave enclave) throws MalformedException {
        return ReleaseCall.parse(pending.call(enclave.attest(pending.reportData(), clock.instant()), List.of()));
    }

    public ReleaseResponse send(ReleaseCall call) throws RefusedException {
        return release.release(new KeyName(call.request().key()), call);
    }

    /** The whole way; gives the text of the file. */
    public String read(String key, byte[] sealed, FakeEnclave enclave)
            throws IOException, ReleaseRefusedException, RefusedException, MalformedException {
        try (PendingRelease pending = begin(key, sealed);
                ReleasedKey released = pending.accept(send(call(pending, enclave)).toByteArray(), 1)) {
            return open(sealed, released);
        }
    }

    public VaultKey key(String name) throws IOException {
        return keys.find(new KeyName(name)).orElseThrow();
    }

    @Override
    public void close() {
        release.close();
        keys.close();
        store.close();
    }
}
