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
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.Freshness;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreException.Code;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.Stored;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Stored values as files of the age format: the file key is wrapped to recipients by their stanzas, and to the platform by stanzas of the
 * type {@value #STANZA}. The plaintext has name and version before the value ({@link StoredForm}), so no file passes for another.
 *
 * <p>A new version is written beside the one before, which the host discards only afterwards. Without a register the newest whole version
 * counts, and freshness is not known. With one, the version counts that the register names, with its digest:
 *
 * <ol>
 *   <li>the new version is written, and is on the disk;
 *   <li>the register goes from the version before to the new one and its digest, if it is still at the version before;
 *   <li>the host discards what is older; what is left when this is cut off, before the next version is written.
 * </ol>
 *
 * Whatever ends between 1 and 2, the register names the version before, which is there; between 2 and 3, the new one, which is there. Had
 * the register gone first, an end in between would lose the value. Had readers taken a version that is one ahead of the register, in
 * place of the digest, then of two values that were written as the same version, one that was never acknowledged could later take the
 * place of the other. A version that was written and not registered is garbage, and no version is written over.
 *
 * <p>Anybody can seal a file to the vault's key, for its recipient is public: by that way only what the register names is opened.
 */
final class SealedStore implements EnclaveStore {
    static final String STANZA = "innerkeep.org/sealed-to-platform";

    /** What a host may say of versions ahead of those that are known: it must not use all numbers up. */
    private static final long MOST_AHEAD = 1000;

    private static final long MOST_AT_FIRST = 1_000_000_000;
    private static final int MAX_TRIES = 8;

    private final StoreSettings settings;
    private final Optional<RegisterAtVault> register;
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
        this.register = settings.registration().map(RegisterAtVault::of);
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
        // Of the threads of this enclave, one at a time; what another enclave does meanwhile is for register and host to order.
        synchronized (seen) {
            Optional<RegisterState> registered = registered(name);
            long before = registered.map(RegisterState::version).orElse(0L);
            if (before > 0) {
                // What an end between step and discard left behind: a host that must make room keeps the oldest version, which is then the
                // registered one.
                discard(name, before);
            }
            Written written = write(name, next(name, registered), value);
            if (registered.isPresent()) {
                register(name, new Step(before, written.version(), written.digest()));
            }
            if (!seen.goesOn(name, written.version(), written.digest())) {
                throw new IllegalStateException("the next version is above all that were seen");
            }
            discard(name, written.version());
            return written.version();
        }
    }

    private void discard(String name, long before) {
        try {
            host.get().discard(name, before);
        } catch (CallException e) {
            // What is left is only in the way.
        }
    }

    private record Written(long version, Bytes digest) {}

    private Optional<RegisterState> registered(String name) throws IOException {
        return register.isPresent() ? Optional.of(register.get().read(name)) : Optional.empty();
    }

    private void register(String name, Step step) throws IOException {
        RegisterState now = register.orElseThrow().step(name, step);
        if (now.version() != step.version() || !now.digest().equals(step.digest())) {
            throw new StoreException(Code.OVERTAKEN, "store: another enclave of this identity stored version " + now.version() + " of '" + name
                    + "' at the same time; read it, and decide what to store");
        }
    }

    private long next(String name, Optional<RegisterState> registered) throws IOException {
        long known = Math.max(registered.map(RegisterState::version).orElse(0L), seen.newest(name));
        long newest = newest(name);
        long most = registered.isEmpty() ? Long.MAX_VALUE : known == 0 ? MOST_AT_FIRST : known + MOST_AHEAD;
        return Math.max(known, newest > most ? 0 : newest) + 1;
    }

    private Written write(String name, long first, byte[] value) throws IOException {
        for (long version = first; version < first + MAX_TRIES && version <= RegisterRequest.LAST_VERSION; version++) {
            byte[] sealed = sealed(new StoredForm(name, version, value));
            try {
                if (host.get().write(name, version, sealed)) {
                    return new Written(version, Bytes.sha256(sealed));
                }
            } catch (CallException e) {
                throw notKept("version " + version + " of '" + name + "' may or may not be kept", e);
            }
        }
        throw new StoreException(Code.NOT_KEPT, "store: the host says of " + MAX_TRIES + " versions of '" + name + "' from " + first
                + " on that they are there already");
    }

    private byte[] sealed(StoredForm form) throws IOException {
        List<FileKeyWrap> wraps = new ArrayList<>();
        for (SealTo to : SealTo.values()) {
            if (settings.platform().contains(to)) {
                wraps.add(new PlatformWrap(to));
            }
        }
        byte[] plaintext = form.toByteArray();
        try {
            return WrappedFile.seal(plaintext, settings.recipients(), wraps, random);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private long newest(String name) throws IOException {
        Optional<Long> newest;
        try {
            newest = host.get().newest(name);
        } catch (CallException e) {
            throw notKept("it cannot be found out whether there is '" + name + "'", e);
        }
        if (newest.isPresent() && (newest.get() < 1 || newest.get() > RegisterRequest.LAST_VERSION)) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: the host says of '" + name + "' that its newest version is "
                    + newest.get() + "; there is no such version");
        }
        return newest.orElse(0L);
    }

    @Override
    public Optional<Stored> get(String name) throws IOException {
        checkName(name);
        synchronized (seen) {
            Newest newest = newestKnown(name);
            for (int tries = 1; newest.version() > 0; tries++) {
                Optional<byte[]> given = given(name, newest.version());
                if (given.isPresent()) {
                    StoredForm form = checked(name, newest.version(), newest.digest(), given.get());
                    return Optional.of(
                            new Stored(form.value(), newest.version(), newest.proven() ? Freshness.PROVEN : Freshness.UNKNOWN));
                }
                // Another enclave may have stored, and had the host discard it, since it was the newest.
                Newest now = newestKnown(name);
                if (now.version() == newest.version() || tries == MAX_TRIES) {
                    throw new StoreException(Code.NOT_KEPT, "store: the host has no version " + newest.version() + " of '" + name
                            + "', which is the newest");
                }
                newest = now;
            }
            return Optional.empty();
        }
    }

    /** The version to read, 0 where there is none; with a digest exactly that file. */
    private record Newest(long version, Optional<Bytes> digest, boolean proven) {}

    private Newest newestKnown(String name) throws IOException {
        Optional<RegisterState> registered = registered(name);
        long named = registered.map(RegisterState::version).orElse(0L);
        boolean proven = named > 0 && registered.filter(RegisterState::continuous).isPresent();
        long version = proven ? named : newest(name);
        long least = Math.max(seen.newest(name), named);
        if (version < least) {
            throw new StoreException(Code.ROLLED_BACK, "store: the newest version of '" + name + "' is said to be " + version + ", and "
                    + least + " was seen or registered; values were lost, or an older copy was put back");
        }
        if (version == 0 && registered.filter(each -> !each.continuous()).isPresent()) {
            throw new StoreException(Code.NOT_KNOWN, "store: the host says that there is no '" + name + "', and the vault, which was"
                    + " restored from a copy, does not know: a value may have been stored after the copy was made. Have the host's files put back;"
                    + " or, if there was none or it is given up, store a first value");
        }
        return new Newest(version, version == named ? registered.map(RegisterState::digest) : Optional.empty(), proven);
    }

    private Optional<byte[]> given(String name, long version) throws IOException {
        try {
            return host.get().read(name, version);
        } catch (CallException e) {
            throw notKept("'" + name + "' cannot be read", e);
        }
    }

    /** Opens what was given as a version; with a digest exactly that file. */
    private StoredForm checked(String name, long version, Optional<Bytes> digest, byte[] sealed) throws IOException {
        if (sealed.length > StateStore.MAX_BYTES) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: '" + name + "' has " + sealed.length + " bytes, at most "
                    + StateStore.MAX_BYTES + " can be");
        }
        Bytes found = Bytes.sha256(sealed);
        if (digest.isPresent() && !digest.get().equals(found)) {
            throw new StoreException(Code.ROLLED_BACK, "store: what the host gives as version " + version + " of '" + name + "' is not the file"
                    + " that the register names");
        }
        StoredForm form = open(name, sealed, digest.isPresent());
        if (!form.name().equals(name) || form.version() != version) {
            throw new StoreException(Code.NOT_THE_VALUE, "store: what the host gives as version " + version + " of '" + name + "' was stored"
                    + " under another name or version");
        }
        if (!seen.goesOn(name, version, found)) {
            throw new StoreException(Code.ROLLED_BACK, "store: another version " + version + " of '" + name + "' was seen than the host gives"
                    + " now; an older copy was put back, or another enclave stores under this name");
        }
        return form;
    }

    private StoredForm open(String name, byte[] sealed, boolean registered) throws IOException {
        try {
            Bytes header = SealedFile.header(new ByteArrayInputStream(sealed));
            try (FileKey key = key(name, header, registered)) {
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

    /** By the platform; or else by the vault, if it is the file that the register names. */
    private FileKey key(String name, Bytes header, boolean registered) throws IOException {
        PlatformWrap platform = new PlatformWrap(SealTo.MEASUREMENT);
        Optional<FileKey> key = WrappedFile.unwrap(header, platform);
        if (key.isPresent()) {
            return key.get();
        }
        String what = "store: '" + name + "' is not sealed to this enclave on this platform" + platform.why();
        if (registered && register.filter(RegisterAtVault::releases).isPresent()) {
            try {
                return register.get().release(header);
            } catch (VaultException e) {
                throw new StoreException(Code.NOT_OPENED, what + "; and the vault does not release it: " + e.getMessage(), e);
            }
        }
        throw new StoreException(Code.NOT_OPENED, what + (settings.recipients().isEmpty()
                ? ""
                : ". Whoever has an identity of its recovery can open the file that the host keeps, and have the value stored anew"));
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
