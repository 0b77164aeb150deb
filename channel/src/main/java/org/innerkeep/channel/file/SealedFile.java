package org.innerkeep.channel.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;

/**
 * Seals and opens files in the age v1 format.
 *
 * <p>Guarantee: whoever has neither an identity nor the file key learns the length of the plaintext and nothing else of it, and
 * cannot change, reorder, cut or extend the file unnoticed. The format hides nothing from, and proves nothing about, a holder of
 * the file key; see the package for what else it does not prove.
 *
 * <p>Both directions stream: memory use does not grow with the file. Whole files can be worked on by several threads: the methods
 * that take {@link Workers}. All others use the calling thread alone. A reader gets plaintext chunk by chunk (64 KiB), each only
 * after it is proven. It has <em>the whole</em> plaintext only when the stream reports its end: a program that acts on what came
 * before may act on the beginning of a file that was cut.
 *
 * <pre>{@code
 * try (InputStream in = Files.newInputStream(plain); OutputStream out = Files.newOutputStream(sealed)) {
 *     SealedFile.seal(in, out, List.of(recipient), random);
 * }
 * try (Identity identity = Identity.parse(text); InputStream in = SealedFile.unseal(Files.newInputStream(sealed), List.of(identity))) {
 *     in.transferTo(out);
 * }
 * }</pre>
 *
 * <p>All methods are safe for use by several threads; a stream that they return is for one thread at a time.
 *
 * @see <a href="https://c2sp.org/age">C2SP, The age file encryption format</a>
 */
public final class SealedFile {
    /** The most recipients that a file is sealed to, and the most stanzas that are read. */
    public static final int MAX_RECIPIENTS = Header.MAX_STANZAS;

    private SealedFile() {}

    /**
     * Starts a sealed file. The header is written at once, the rest as plaintext comes.
     *
     * <p>{@code close()} finishes the file and closes {@code to}. A file whose stream is never closed, or where a write failed, is
     * recognisably incomplete. Beware that try-with-resources closes after <em>any</em> failure, also one of the plaintext's
     * source, and so makes a file that is complete and holds too little: use {@link #seal(InputStream, OutputStream, List,
     * SecureRandom)} to copy from a source.
     *
     * @param to where the sealed file goes, in binary form; wrap it with {@link Armor#writer} for text
     * @param recipients who can open it, one to 1024 of one {@link KeyKind}, each with its own identity
     * @param random where the file key, the nonce and the ephemeral keys come from
     * @return takes the plaintext
     * @throws IllegalArgumentException if there are no recipients or too many
     * @throws SealedFileException with code RECIPIENTS_MIXED, before anything is written, if they are not of one kind
     * @throws IOException if writing fails
     */
    public static OutputStream seal(OutputStream to, List<Recipient> recipients, SecureRandom random) throws IOException {
        return new SealingStream(to, start(to, recipients, random));
    }

    /**
     * Seals a source to its end. The sealed file is complete only if this method returns: whatever fails, reading included,
     * leaves a file that is recognisably incomplete.
     *
     * @param from the plaintext, read to its end and not closed
     * @param to where the sealed file goes, flushed and not closed
     * @param recipients who can open it, one to 1024 of one {@link KeyKind}, each with its own identity
     * @param random where the file key, the nonce and the ephemeral keys come from
     * @return the number of bytes of plaintext
     * @throws IllegalArgumentException if there are no recipients or too many
     * @throws SealedFileException with code RECIPIENTS_MIXED, before anything is written, if they are not of one kind
     * @throws java.io.InterruptedIOException if the calling thread is interrupted, which it then still is
     * @throws IOException if reading or writing fails
     */
    public static long seal(InputStream from, OutputStream to, List<Recipient> recipients, SecureRandom random) throws IOException {
        return seal(from, to, recipients, random, Workers.ONE);
    }

    /**
     * Seals a source to its end by several threads. The same as {@link #seal(InputStream, OutputStream, List, SecureRandom)}, and
     * the file is the same to the byte if {@code random} is.
     *
     * @param from the plaintext, read to its end and not closed; as {@code to}, used by the calling thread only
     * @param to where the sealed file goes, flushed and not closed
     * @param recipients who can open it, one to 1024 of one {@link KeyKind}, each with its own identity
     * @param random where the file key, the nonce and the ephemeral keys come from
     * @param workers who work on it; threads that are started have ended when this method returns
     * @return the number of bytes of plaintext
     * @throws IllegalArgumentException if there are no recipients or too many
     * @throws SealedFileException with code RECIPIENTS_MIXED, before anything is written, if they are not of one kind
     * @throws java.io.InterruptedIOException if the calling thread is interrupted, which it then still is
     * @throws IOException if reading or writing fails
     */
    public static long seal(InputStream from, OutputStream to, List<Recipient> recipients, SecureRandom random, Workers workers)
        throws IOException {
        try (PayloadCipher cipher = start(to, recipients, random)) {
            return Pipeline.seal(from, to, cipher, workers);
        }
    }

    /**
     * Opens a file that was sealed to one of the identities. Reads and proves the header at once.
     *
     * @param from the sealed file in binary form, read to its end, closed with the returned stream; wrap it with
     *     {@link Armor#reader} if it is text
     * @param identities tried in order; they may be closed once this method returns
     * @return gives the plaintext; a refusal of the payload comes from its {@code read}, and again from every later one
     * @throws SealedFileException if the header is refused; {@link Code#NO_IDENTITY_MATCHED} if it is good and for others
     * @throws IOException if reading fails
     */
    public static InputStream unseal(InputStream from, List<Identity> identities) throws IOException {
        InputStream in = new BufferedInputStream(from);
        return new UnsealingStream(in, payload(in, identities));
    }

    /**
     * Opens a file that was sealed to one of the identities, to its end, by several threads. What is written is proven, chunk by
     * chunk and in order; it is <em>the whole</em> plaintext only if this method returns.
     *
     * @param from the sealed file in binary form, read to its end and not closed; as {@code to}, used by the calling thread only
     * @param to where the plaintext goes, flushed at the end and not closed
     * @param identities tried in order
     * @param workers who work on it; threads that are started have ended when this method returns
     * @return the number of bytes of plaintext
     * @throws SealedFileException if the file is refused: before anything is written for its header, and else after what is proven
     *     before the fault was written
     * @throws java.io.InterruptedIOException if the calling thread is interrupted, which it then still is
     * @throws IOException if reading or writing fails
     */
    public static long unseal(InputStream from, OutputStream to, List<Identity> identities, Workers workers) throws IOException {
        InputStream in = new BufferedInputStream(from);
        try (PayloadCipher cipher = payload(in, identities)) {
            return Pipeline.open(in, to, cipher, workers);
        }
    }

    /**
     * Obtains the key of one file, to be given to whoever may open that file and nothing else: the owner's side. Reads the header,
     * byte by byte and no further, and proves that it is whole.
     *
     * @param from the sealed file in binary form; not closed
     * @param identities tried in order
     * @return the file key, to be closed by the caller
     * @throws SealedFileException if the header is refused; {@link Code#NO_IDENTITY_MATCHED} if it is good and for others
     * @throws IOException if reading fails
     */
    public static FileKey unwrap(InputStream from, List<Identity> identities) throws IOException {
        Header header = Header.read(from);
        FileKey key = unwrap(header, identities);
        try {
            header.verify(key);
            return key;
        } catch (SealedFileException | RuntimeException e) {
            key.close();
            throw e;
        }
    }

    /**
     * Opens the one file that a key belongs to, without an identity: the enclave's side. Reads the header and proves it at once.
     *
     * @param from the sealed file in binary form, read to its end, closed with the returned stream
     * @param key the file key that its owner gave; it may be closed once this method returns
     * @return gives the plaintext; a refusal of the payload comes from its {@code read}, and again from every later one
     * @throws SealedFileException if the header is refused; {@link Code#HEADER_MAC} if the key is that of another file
     * @throws IOException if reading fails
     */
    public static InputStream open(InputStream from, FileKey key) throws IOException {
        InputStream in = new BufferedInputStream(from);
        Header.read(in).verify(key);
        return new UnsealingStream(in, payload(in, key));
    }

    /**
     * Opens the one file that a key belongs to, to its end, by several threads. What is written is proven, chunk by chunk and in
     * order; it is <em>the whole</em> plaintext only if this method returns.
     *
     * @param from the sealed file in binary form, read to its end and not closed; as {@code to}, used by the calling thread only
     * @param to where the plaintext goes, flushed at the end and not closed
     * @param key the file key that its owner gave
     * @param workers who work on it; threads that are started have ended when this method returns
     * @return the number of bytes of plaintext
     * @throws SealedFileException if the file is refused; {@link Code#HEADER_MAC} if the key is that of another file
     * @throws java.io.InterruptedIOException if the calling thread is interrupted, which it then still is
     * @throws IOException if reading or writing fails
     */
    public static long open(InputStream from, OutputStream to, FileKey key, Workers workers) throws IOException {
        InputStream in = new BufferedInputStream(from);
        Header.read(in).verify(key);
        try (PayloadCipher cipher = payload(in, key)) {
            return Pipeline.open(in, to, cipher, workers);
        }
    }

    /**
     * Reads the header of a sealed file and not a byte more: what an enclave shows to whoever may unwrap its key.
     *
     * @param from the sealed file in binary form; not closed
     * @return the header's bytes, all before the payload; well-formed, and otherwise unproven
     * @throws SealedFileException if the header is refused
     * @throws IOException if reading fails
     */
    public static Bytes header(InputStream from) throws IOException {
        // What is accepted is written back byte for byte.
        return Bytes.of(Header.read(from).write());
    }

    /**
     * Proves that a key is the one of the file that a header belongs to, and that the header is whole.
     *
     * @param from begins with a header; not closed
     * @param key the file key
     * @throws SealedFileException if the header is refused; {@link Code#HEADER_MAC} if the key is that of another file
     * @throws IOException if reading fails
     */
    public static void checkHeader(InputStream from, FileKey key) throws IOException {
        Header.read(from).verify(key);
    }

    /** Writes all that stands before the payload. */
    private static PayloadCipher start(OutputStream to, List<Recipient> recipients, SecureRandom random) throws IOException {
        if (recipients.isEmpty() || recipients.size() > MAX_RECIPIENTS) {
            throw new IllegalArgumentException(
                "a file is sealed to 1 to " + MAX_RECIPIENTS + " recipients, not to " + recipients.size());
        }
        if (recipients.stream().map(Recipient::kind).distinct().count() > 1) {
            throw new SealedFileException(Code.RECIPIENTS_MIXED, "hybrid recipients (age1pq1…) and classic ones (age1…) are mixed, "
                + "and a quantum computer would open the file by the classic ones: seal to one kind, or make two files");
        }
        byte[] nonce = new byte[PayloadCipher.FILE_NONCE];
        try (FileKey key = FileKey.generate(random)) {
            List<Stanza> stanzas = new ArrayList<>();
            for (Recipient recipient : recipients) {
                stanzas.add(recipient.wrap(key, random));
            }
            random.nextBytes(nonce);
            to.write(Header.of(stanzas, key).write());
            to.write(nonce);
            return new PayloadCipher(key, nonce);
        }
    }

    private static FileKey unwrap(Header header, List<Identity> identities) throws SealedFileException {
        for (Identity identity : identities) {
            Optional<FileKey> key = identity.unwrap(header.stanzas());
            if (key.isPresent()) {
                return key.get();
            }
        }
        String types = header.stanzas().stream().map(stanza -> HeaderReader.shorten(stanza.type())).distinct().limit(4)
            .collect(Collectors.joining(", "));
        throw new SealedFileException(Code.NO_IDENTITY_MATCHED, "none of the identities given (" + identities.size()
            + ") opens the file: it has " + header.stanzas().size() + " recipient stanzas, of type " + types
            + " (mlkem768x25519 and X25519 are implemented); use an identity that it was sealed to, or have it sealed again to yours");
    }

    private static PayloadCipher payload(InputStream from, List<Identity> identities) throws IOException {
        try (FileKey key = unwrap(from, identities)) {
            return payload(from, key);
        }
    }

    private static PayloadCipher payload(InputStream from, FileKey key) throws IOException {
        byte[] nonce = from.readNBytes(PayloadCipher.FILE_NONCE);
        if (nonce.length < PayloadCipher.FILE_NONCE) {
            throw new SealedFileException(Code.PAYLOAD_TRUNCATED, "the file ends inside the nonce after its header: "
                + nonce.length + " of " + PayloadCipher.FILE_NONCE + " bytes");
        }
        return new PayloadCipher(key, nonce);
    }
}
