package org.innerkeep.channel.file;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;

/**
 * Sealed files, as {@link SealedFile} makes them, whose key is wrapped by a program's own {@link FileKeyWrap} too, or by that alone. They
 * are for values that fit into memory. Whoever has an identity of a recipient opens such a file by any tool of the age format, and reads
 * it with {@link SealedFile#open} once the key is unwrapped.
 *
 * <p>All methods are safe for use by several threads.
 */
public final class WrappedFile {
    private WrappedFile() {}

    /**
     * Seals.
     *
     * @param plaintext what is sealed
     * @param recipients who can open it, of one {@link KeyKind}, perhaps none
     * @param wraps further ways to open it, perhaps none
     * @param random where the file key, the nonce and the ephemeral keys come from
     * @return the sealed file in binary form
     * @throws IllegalArgumentException if there are neither recipients nor wraps, or more than 1024 of both
     * @throws SealedFileException with code RECIPIENTS_MIXED if recipients are not of one kind
     * @throws IOException if a wrap fails
     */
    public static byte[] seal(byte[] plaintext, List<Recipient> recipients, List<FileKeyWrap> wraps, SecureRandom random)
            throws IOException {
        int stanzaCount = recipients.size() + wraps.size();
        if (stanzaCount == 0 || stanzaCount > Header.MAX_STANZAS) {
            throw new IllegalArgumentException("a file is sealed to 1 to " + Header.MAX_STANZAS + ", not to " + stanzaCount);
        }
        if (recipients.stream().map(Recipient::kind).distinct().count() > 1) {
            throw new SealedFileException(Code.RECIPIENTS_MIXED, "hybrid recipients (age1pq1…) and classic ones (age1…) are mixed, "
                    + "and a quantum computer would open the file by the classic ones: seal to one kind");
        }
        ByteArrayOutputStream sealed = new ByteArrayOutputStream(plaintext.length + 4096);
        byte[] nonce = new byte[PayloadCipher.FILE_NONCE];
        try (FileKey key = FileKey.generate(random)) {
            List<Stanza> stanzas = new ArrayList<>();
            for (FileKeyWrap wrap : wraps) {
                stanzas.add(new Stanza(List.of(wrap.type()), Bytes.of(wrap.wrap(key))));
            }
            for (Recipient recipient : recipients) {
                stanzas.add(recipient.wrap(key, random));
            }
            random.nextBytes(nonce);
            sealed.writeBytes(Header.of(stanzas, key).write());
            sealed.writeBytes(nonce);
            try (OutputStream out = new SealingStream(sealed, new PayloadCipher(key, nonce))) {
                out.write(plaintext);
            }
        }
        return sealed.toByteArray();
    }

    /**
     * Unwraps the key of a file, and proves with it that the header is whole.
     *
     * @param header of the sealed file: {@link SealedFile#header}; hostile
     * @param wrap tried on every stanza of its type
     * @return the key, to be closed by the caller; nothing where no stanza was wrapped in this way
     * @throws SealedFileException if the header is refused
     * @throws IOException if the wrap fails
     */
    public static Optional<FileKey> unwrap(Bytes header, FileKeyWrap wrap) throws IOException {
        Header parsed = Header.read(new ByteArrayInputStream(header.toArray()));
        for (Stanza stanza : parsed.stanzas()) {
            if (!stanza.type().equals(wrap.type()) || stanza.arguments().size() != 1) {
                continue;
            }
            Optional<FileKey> key = wrap.unwrap(stanza.body().toArray());
            if (key.isPresent()) {
                boolean whole = false;
                try {
                    parsed.verify(key.get());
                    whole = true;
                    return key;
                } finally {
                    if (!whole) {
                        key.get().close();
                    }
                }
            }
        }
        return Optional.empty();
    }
}
