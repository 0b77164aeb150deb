package org.innerkeep.vault.release;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeySecret;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;

/** Opens the header of a sealed file by an identity of a key. Safe for use by several threads. */
final class FileHeader {
    private final KeyStore keys;
    private final InstantSource clock;

    FileHeader(KeyStore keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * What opening it gave.
     *
     * @param version whose identity opened it
     * @param fileKey to be closed
     */
    record Opened(KeyVersion version, FileKey fileKey) {}

    /**
     * Opens by whichever version of the key: files that were sealed before it was rotated stay files of it.
     *
     * @return nothing where no version that can be used opens it
     */
    Optional<Opened> open(VaultKey key, Bytes header) throws SealedFileException, RefusedException {
        try {
            if (!SealedFile.header(new ByteArrayInputStream(header.toArray())).equals(header)) {
                throw new RefusedException(Code.INVALID_PARAMETER, "header: expected nothing behind the header of the sealed file.");
            }
            for (KeyVersion version : key.versions().reversed()) {
                if (version.type() != KeyType.IDENTITY || version.unusable(clock.instant()).isPresent()) {
                    continue;
                }
                try (Identity identity = identity(key.name(), version)) {
                    return Optional.of(
                            new Opened(version, SealedFile.unwrap(new ByteArrayInputStream(header.toArray()), List.of(identity))));
                } catch (SealedFileException e) {
                    if (e.code() != SealedFileException.Code.NO_IDENTITY_MATCHED) {
                        throw e;
                    }
                }
            }
            return Optional.empty();
        } catch (SealedFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("an array can be read", e);
        }
    }

    private Identity identity(KeyName name, KeyVersion version) throws RefusedException, SealedFileException {
        try (KeySecret secret = keys.open(name, version)) {
            byte[] text = secret.expose();
            char[] characters = new char[text.length];
            try {
                StandardCharsets.US_ASCII.decode(ByteBuffer.wrap(text)).get(characters);
                return Identity.parse(CharBuffer.wrap(characters));
            } finally {
                Arrays.fill(text, (byte) 0);
                Arrays.fill(characters, '\0');
            }
        }
    }

    /** Why none opens it, of each. */
    String unopened(VaultKey key) {
        List<String> lines = new ArrayList<>();
        for (KeyVersion version : key.versions()) {
            lines.add("version " + version.id() + ": " + version.unusable(clock.instant()).orElse("the file is not sealed to it"));
        }
        return "no version of the key opens the file: " + String.join("; ", lines) + ". Seal the file to the key, or enable the version"
                + " that it is sealed to.";
    }
}
