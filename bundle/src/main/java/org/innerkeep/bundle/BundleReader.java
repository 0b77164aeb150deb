package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.innerkeep.bundle.BundleException.Code;

/** Reads one bundle from hostile bytes, in constant memory besides its manifest. */
final class BundleReader {
    /** Where the files go. */
    interface Target {
        /** Called once, when the manifest is known to be signed and within the limit. */
        void begin(Manifest manifest) throws IOException, BundleException;

        /** Called for each file in order. The stream is closed before the file's digest is compared. */
        OutputStream open(BundleFile file) throws IOException, BundleException;
    }

    /** Precedes the manifest in what is signed, so that no signature made for something else fits. */
    private static final byte[] SIGNATURE_LABEL = "innerkeep bundle signature 1\n".getBytes(US_ASCII);

    private static final String SIGNER = "signer ";
    private static final String SIGNATURE = "signature ";
    private static final String UNSIGNED = "unsigned";
    private static final int MAX_SHORT_LINE = 256;
    private static final int CHUNK = 1 << 16;

    private final InputStream in;

    /** Who signed, and how. */
    record Signed(SignerKey signer, byte[] signature) {}

    /** A bundle that was read whole; with a signature that is valid, or with none. */
    record Contents(Manifest manifest, Optional<Signed> signed) {}

    BundleReader(InputStream in) {
        this.in = new BufferedInputStream(in, CHUNK);
    }

    static byte[] toBeSigned(byte[] manifest) {
        byte[] signed = new byte[SIGNATURE_LABEL.length + manifest.length];
        System.arraycopy(SIGNATURE_LABEL, 0, signed, 0, SIGNATURE_LABEL.length);
        System.arraycopy(manifest, 0, signed, SIGNATURE_LABEL.length, manifest.length);
        return signed;
    }

    static void writeUnsignedHeader(OutputStream out, byte[] manifest) throws IOException {
        out.write(manifest);
        out.write(("\n" + UNSIGNED + "\n\n").getBytes(US_ASCII));
    }

    static void writeHeader(OutputStream out, byte[] manifest, SignerKey signer, byte[] signature) throws IOException {
        Base64.Encoder base64 = Base64.getEncoder();
        out.write(manifest);
        out.write(("\n"
                        + SIGNER + base64.encodeToString(signer.spki()) + "\n"
                        + SIGNATURE + base64.encodeToString(signature) + "\n"
                        + "\n")
                .getBytes(US_ASCII));
    }

    /** Reads a signed bundle; one without a signature is refused before any of its files is read. */
    Bundle read(long maxBytes, Target target) throws IOException, BundleException {
        Contents contents = read(maxBytes, target, false);
        return new Bundle(
                contents.manifest(), contents.signed().orElseThrow().signer(), contents.manifest().digest());
    }

    /** Reads a bundle that may have no signature yet; what is read is nobody's word. */
    Contents readUnsignedToo(long maxBytes, Target target) throws IOException, BundleException {
        return read(maxBytes, target, true);
    }

    /**
     * 1. Read the manifest, bounded, and parse it. 2. Read the signer's key and signature. 3. Verify the signature. 4. Check the size
     * against the limit. 5. Copy each file, digesting, and compare its digest. 6. Check that nothing follows.
     */
    private Contents read(long maxBytes, Target target, boolean unsignedToo) throws IOException, BundleException {
        byte[] bytes = readManifest();
        Manifest manifest = Manifest.parse(bytes);
        Optional<Signed> signed = readSignature(manifest, bytes);
        if (signed.isEmpty() && !unsignedToo) {
            throw new BundleException(
                    Code.UNSIGNED,
                    "bundle " + manifest.name() + ": it is not signed, and an unsigned bundle is neither started nor trusted;"
                            + " sign it with 'innerkeep sign'");
        }
        if (manifest.totalBytes() > maxBytes) {
            throw new BundleException(
                    Code.TOO_LARGE,
                    "bundle " + manifest.name() + ": expected files of at most " + maxBytes + " bytes together, found "
                            + manifest.totalBytes());
        }
        target.begin(manifest);
        for (BundleFile file : manifest.files()) {
            Digest found;
            try (OutputStream out = target.open(file)) {
                found = copy(file, out);
            }
            if (!found.equals(file.digest())) {
                throw new BundleException(
                        Code.FILE_DIGEST_MISMATCH,
                        file.path() + ": expected digest " + file.digest().shortHex() + ", found " + found.shortHex()
                                + "; the file was changed after signing");
            }
        }
        if (in.read() >= 0) {
            throw new BundleException(Code.TRAILING_BYTES, "bundle " + manifest.name() + ": bytes follow after the last file");
        }
        return new Contents(manifest, signed);
    }

    private Optional<Signed> readSignature(Manifest manifest, byte[] bytes) throws IOException, BundleException {
        String line = new String(readLine(MAX_SHORT_LINE), US_ASCII);
        Optional<Signed> signed = Optional.empty();
        if (!line.equals(UNSIGNED)) {
            SignerKey signer = SignerKey.of(field(SIGNER, line));
            signed = Optional.of(new Signed(signer, field(SIGNATURE, new String(readLine(MAX_SHORT_LINE), US_ASCII))));
        }
        if (readLine(MAX_SHORT_LINE).length != 0) {
            throw new BundleException(Code.MALFORMED, "bundle: expected an empty line after the signature");
        }
        if (signed.isPresent() && !signed.get().signer().verify(toBeSigned(bytes), signed.get().signature())) {
            throw new BundleException(
                    Code.SIGNATURE_INVALID,
                    "bundle " + manifest.name() + ": the signature is not of this manifest by the key "
                            + signed.get().signer().id().shortHex() + "; manifest, key or signature was changed");
        }
        return signed;
    }

    private byte[] readManifest() throws IOException, BundleException {
        // A file that is no bundle need not have lines at all, so the first one is looked at by itself.
        byte[] line = readLine(MAX_SHORT_LINE);
        ManifestText.checkFormatLine(new String(line, US_ASCII));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        while (line.length > 0) {
            manifest.writeBytes(line);
            manifest.write('\n');
            line = readLine(Manifest.MAX_BYTES - manifest.size());
        }
        return manifest.toByteArray();
    }

    private static byte[] field(String key, String line) throws BundleException {
        if (!line.startsWith(key)) {
            throw new BundleException(
                    Code.MALFORMED,
                    "bundle: expected the line " + key + "… after the manifest, found " + Text.quote(line));
        }
        return Pem.decodeBase64(line.substring(key.length()), Code.MALFORMED, "bundle, line " + key.strip());
    }

    /** {@return the bytes up to the next line feed, without it} */
    private byte[] readLine(int max) throws IOException, BundleException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new BundleException(Code.TRUNCATED, "bundle: ends within its header");
            }
            if (line.size() >= max) {
                throw new BundleException(Code.TOO_LARGE, "bundle: expected a line of at most " + max + " bytes more, found more");
            }
            line.write(b);
        }
        return line.toByteArray();
    }

    private Digest copy(BundleFile file, OutputStream out) throws IOException, BundleException {
        MessageDigest digest = Digest.newSha256();
        byte[] chunk = new byte[CHUNK];
        long left = file.sizeBytes();
        while (left > 0) {
            int n = in.read(chunk, 0, (int) Math.min(CHUNK, left));
            if (n < 0) {
                throw new BundleException(
                        Code.TRUNCATED, file.path() + ": expected " + file.sizeBytes() + " bytes, found " + (file.sizeBytes() - left));
            }
            digest.update(chunk, 0, n);
            out.write(chunk, 0, n);
            left -= n;
        }
        return Digest.finish(digest);
    }
}
