package org.innerkeep.cli.vault;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.cli.files.Measured;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.host.VaultAccess;

/** An enclave of a bundle on the process platform, as far as a vault can see: with the evidence that a keeper would give it. */
public final class AskingEnclave {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair keeper;
    private final Bundle bundle;
    private final Measured measured;

    private AskingEnclave(KeyPair keeper, Bundle bundle, Measured measured) {
        this.keeper = keeper;
        this.bundle = bundle;
        this.measured = measured;
    }

    static KeyPair newKeeper() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeeperAnchor anchor(KeyPair keeper) {
        return KeeperAnchor.of(keeper.getPublic());
    }

    static AskingEnclave of(KeyPair keeper, Path file, Path runtimes) throws Exception {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Bundle bundle = Bundle.inspect(in);
            return new AskingEnclave(keeper, bundle, Measured.here(bundle.manifest(), runtimes));
        }
    }

    String measurement() {
        return measured.measurement().toString();
    }

    /** Asks for the key of a sealed file. */
    Answer ask(ServedVault vault, String key, Path sealed) throws Exception {
        Bytes header;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(sealed))) {
            header = SealedFile.header(in);
        }
        VaultCarrier carrier = VaultAccess.none().to(vault.address(), vault.certificate()).carrier();
        VaultAnchor anchor = VaultAnchor.parse(vault.location().replaceAll(".*#", ""));
        byte[] challenge = carrier.challenge(vault.address().toString()).body();
        try (PendingRelease pending = PendingRelease.begin(anchor, challenge, key, header, Optional.empty(), RANDOM)) {
            VaultCarrier.Answer answer =
                    carrier.release(vault.address().toString(), key, pending.call(attest(pending.reportData()), List.of()));
            if (answer.status() != 200) {
                return new Answer(answer.status(), Optional.empty());
            }
            try (ReleasedKey released = pending.accept(answer.body(), 1)) {
                return new Answer(200, Optional.of(released.terms().grant()));
            }
        }
    }

    /**
     * What came of it.
     *
     * @param status of HTTP
     * @param grant by which it was released
     */
    record Answer(int status, Optional<String> grant) {}

    private byte[] attest(byte[] reportData) throws IOException {
        return new KeeperReport(
                        KeeperReport.PROCESS,
                        measured.measurement(),
                        measured.bundle(),
                        measured.runtime(),
                        measured.launch(),
                        Bytes.of(bundle.signer().id().toArray()),
                        bundle.manifest().productId(),
                        bundle.manifest().svn(),
                        bundle.manifest().debug(),
                        KeeperReport.Isolation.SEPARATE_USER,
                        Confinement.NONE,
                        Bytes.fromHex("000102030405060708090a0b0c0d0e0f"),
                        Bytes.of(reportData),
                        Instant.now())
                .sign(keeper.getPrivate(), keeper.getPublic());
    }
}
