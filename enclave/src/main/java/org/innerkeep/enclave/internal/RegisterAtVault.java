package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreException.Code;
import org.innerkeep.enclave.StoreSettings.Registration;
import org.innerkeep.evidence.Bytes;

/** A vault, as far as stored values need it: its register, and the release of keys of values that are sealed to a key in it. */
record RegisterAtVault(
        VaultDesk desk, VaultLocation location, String key, boolean releases, Optional<Bytes> job, Duration limit) {
    /** Joins what a program named with the way to it. */
    static RegisterAtVault of(Registration registration) {
        if (!(registration.vault() instanceof PinnedVault vault)) {
            throw new IllegalArgumentException("store: expected a vault from EnclaveContext.vault");
        }
        return new RegisterAtVault(
                vault.desk(),
                vault.location(),
                registration.key(),
                registration.recipient().isPresent(),
                vault.job(),
                vault.limit());
    }

    RegisterState read(String name) throws IOException {
        return desk.register(location, key, name, Optional.empty(), limit);
    }

    /** Makes a step; whether it was made, now or by an answer that was lost, is seen from what the register says then. */
    RegisterState step(String name, Step step) throws IOException {
        return desk.register(location, key, name, Optional.of(step), limit);
    }

    /** Has the key of a value released. Its lease is of no moment: the value is read at once, and whole. */
    FileKey release(Bytes header) throws IOException {
        if (header.length() > ReleaseRequest.MAX_HEADER_BYTES) {
            throw new StoreException(Code.NOT_OPENED, "store: a header of " + header.length() + " bytes, a vault takes at most "
                    + ReleaseRequest.MAX_HEADER_BYTES);
        }
        return desk.ask(new VaultDesk.Question(location, key, header, job, limit)).key().fileKey();
    }
}
