package org.innerkeep.enclave.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.FileKeyWrap;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.file.WrappedFile;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.Freshness;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreException.Code;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.Stored;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Stored values as files of the age format: the file key is wrapped to recipients by their stanzas, and to the platform by stanzas of the
 * type {@value #STANZA}. The plaintext has name and version before the value ({@link StoredForm}), so no file passes for another.
 *
 * <p>A new version is written beside the one before, which the host discards only afterwards: whatever ends in between, one of them is
 * whole, and the newest that is whole counts. What of that the host does is for it to say; therefore freshness is not known.
 */
final class SealedStore implements EnclaveStore {
    static final String STANZA = "innerkeep.org/sealed-to-platform";

    private final StoreSettings settings;
    private final Sealing sealing;
    private final Seen seen;
    private final Supplier<StateStore> host;
    private final SecureRandom random;

    /** What an enclave has stored and read in its life: it takes nothing older. Safe for use by several threads. */
    static final class Seen {
        private static final int MOST = 4096;

        private final Map<String, Version> versions = new HashMap<>();

        private record Version(long number, Bytes digest) {}

        synchronized long newest(String name) {
            Version version = versions.get(name);
            return version == null ? 0 : version.number();
        }

        /** Remembers a version, unless it is older, or another one of the same number: then it tells so. */
        synchronized boolean goesOn(String name, long number, Bytes digest) {
            Version before = versions.get(name);
            if (before != null && (number < before.number() || (number == before.number() && !digest.equals(before.digest())))) {
                return false;
            }
            if (before == null && versions.size() == MOST) {
                throw new IllegalStateException("store: more than " + MOST + " names are used");
            }
            versions.put(name, new Version(number, digest));
            return true;
        }
    }

    SealedStore(StoreSettings settings, Sealing sealing, Seen seen, Supplier<StateStore> host, SecureRandom random) {
        this.settings = settings;
        this.sealing = sealing;
        this.seen = seen;
        this.host = host;
        this.random = random;
    }

    @Override
    public long put(String name, byte[] value) throws IOException {
        checkName(name);
        if (value.length > MAX_BYTES) {
            throw new IllegalArgumentException("store: expected a value of at most " + MAX_BYTES + " bytes, found " + value.length);
        }
        List<FileKeyWrap> wraps = new ArrayList<>();
        for (SealTo to : SealTo.values()) {
            if (settings.platform().contains(to)) {
                wraps.add(new PlatformWrap(to));
            }
        }
        // Of the threads of this enclave, one at a time; what another enclave does meanwhile nobody here sees.
        synchronized (seen) {
            long version = Math.max(newest(name), seen.newest(name)) + 1;
            byte[] plaintext = new StoredForm(name, version, value).toByteArray();
            byte[] sealed;
            try {
                sealed = WrappedFile.seal(plaintext, settings.recovery(), wraps, random);
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
            try {
                StateStore store = host.get();
                store.write(name, version, sealed);
                seen.goesOn(name, version, Bytes.sha256(sealed));
                store.discard(name, version);
            } catch (CallException e) {
                throw notKept("version " + version + " of '" + name + "' may or may not be kept", e);
            }
            return version;
        }
    }

    private long newest(String name) throws IOException {
        Optional<Long> newest;
        try {
            newest = host.get().newest(name);
        } catch (CallException e) {
            throw notKept("it cannot be found out whether there is '" + name + "'", e);
        }
        if (newest.isPresent() && (newest.get() < 1 || newest.get() > StoredForm.LAST_VERSION)) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: the host says of '" + name + "' that its newest version is "
                    + newest.get() + "; there is no such version");
        }
        return newest.orElse(0L);
    }

    @Override
    public Optional<Stored> get(String name) throws IOException {
        checkName(name);
        synchronized (seen) {
            long version = newest(name);
            long least = seen.newest(name);
            if (version < least) {
                throw new StoreException(Code.ROLLED_BACK, "store: the host says that the newest version of '" + name + "' is " + version
                        + ", and " + least + " was seen; it lost values, or an older copy was put back");
            }
            return version == 0 ? Optional.empty() : Optional.of(read(name, version));
        }
    }

    private Stored read(String name, long version) throws IOException {
        Optional<byte[]> given;
        try {
            given = host.get().read(name, version);
        } catch (CallException e) {
            throw notKept("'" + name + "' cannot be read", e);
        }
        byte[] sealed = given.orElseThrow(() -> new StoreException(Code.NOT_KEPT, "store: the host has no version " + version + " of '" + name
                + "', and says that it is the newest"));
        if (sealed.length > StateStore.MAX_BYTES) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: '" + name + "' has " + sealed.length + " bytes, at most "
                    + StateStore.MAX_BYTES + " can be");
        }
        StoredForm form = open(name, sealed);
        if (!form.name().equals(name) || form.version() != version) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: what the host gives as version " + version + " of '" + name + "' was stored"
                    + " under another name or version");
        }
        if (!seen.goesOn(name, version, Bytes.sha256(sealed))) {
            throw new StoreException(Code.ROLLED_BACK, "store: another version " + version + " of '" + name + "' was seen than the host gives"
                    + " now; an older copy was put back, or another enclave stores under this name");
        }
        return new Stored(form.value(), version, Freshness.UNKNOWN);
    }

    private StoredForm open(String name, byte[] sealed) throws IOException {
        try {
            Bytes header = SealedFile.header(new ByteArrayInputStream(sealed));
            PlatformWrap platform = new PlatformWrap(SealTo.MEASUREMENT);
            try (FileKey key = WrappedFile.unwrap(header, platform).orElseThrow(() -> new StoreException(Code.NOT_OPENED, "store: '" + name
                    + "' is not sealed to this enclave on this platform" + platform.why() + (settings.recovery().isEmpty()
                            ? ""
                            : ". Whoever has an identity of its recovery can open the file that the host keeps, and store the value anew")))) {
                byte[] plaintext = SealedFile.open(new ByteArrayInputStream(sealed), key).readAllBytes();
                try {
                    return StoredForm.parse(plaintext);
                } finally {
                    Arrays.fill(plaintext, (byte) 0);
                }
            }
        } catch (SealedFileException e) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: what the host gives as '" + name + "' was changed, or is no stored value: "
                    + e.getMessage(), e);
        } catch (MalformedException e) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: what is sealed as '" + name + "' is no stored value: " + e.getMessage(), e);
        }
    }

    private static void checkName(String name) {
        if (!StateStore.NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("store: expected a name of 1 to 64 lower-case letters, digits, hyphens and underscores,"
                    + " beginning with a letter");
        }
    }

    private static StoreException notKept(String what, CallException e) {
        String hint = e.code() == CallException.Code.NOT_OFFERED ? "; start it with a place for state: 'innerkeep run --state DIR'" : "";
        return new StoreException(Code.NOT_KEPT, "store: the host keeps no state (" + e.code() + "): " + what + hint, e);
    }

    /** A file key, sealed to the platform. Opens both ways to seal. */
    private final class PlatformWrap implements FileKeyWrap {
        /** A file has at most one of these for each way: a hostile header must not make the platform work for a thousand. */
        private static final int MOST_TRIES = 4;

        private final SealTo to;
        private final List<String> refused = new ArrayList<>();

        PlatformWrap(SealTo to) {
            this.to = to;
        }

        @Override
        public String type() {
            return STANZA;
        }

        @Override
        public byte[] wrap(FileKey key) throws IOException {
            byte[] secret = key.exposeSecretBytes();
            try {
                return sealing.sealStored(to, secret);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }

        @Override
        public Optional<FileKey> unwrap(byte[] body) throws IOException {
            if (refused.size() == MOST_TRIES) {
                return Optional.empty();
            }
            byte[] secret = {};
            try {
                secret = sealing.unsealStored(body);
                return secret.length == FileKey.LENGTH ? Optional.of(FileKey.fromSecretBytes(secret)) : Optional.empty();
            } catch (UnsealException e) {
                refused.add(String.valueOf(e.getMessage()));
                return Optional.empty();
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }

        String why() {
            return refused.isEmpty() ? "" : ": " + String.join("; ", refused);
        }
    }
}
