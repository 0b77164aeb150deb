package org.innerkeep.bundle;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import org.innerkeep.bundle.BundleException.Code;

/**
 * Gives a packed bundle another signature: of a key that is somewhere else, in a hardware module for example, or of another
 * signer. The manifest and so the bundle digest stay as they are; what is bound to the signer (sealing keys, trust in the signer)
 * changes.
 *
 * <p>Instances are immutable and safe for use by several threads. The bundle is read by {@link #of} and again when it is
 * written; a file that changed in between is refused.
 */
public final class Resigning {
    private final Path bundle;
    private final Manifest manifest;

    private Resigning(Path bundle, Manifest manifest) {
        this.bundle = bundle;
        this.manifest = manifest;
    }

    /**
     * Reads and checks a bundle.
     *
     * @param bundle its file
     * @return what is needed to sign it again
     * @throws BundleException if the bundle is refused, see {@link Bundle#inspect}
     * @throws IOException if it cannot be read
     */
    public static Resigning of(Path bundle) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(bundle)) {
            return new Resigning(bundle, Bundle.inspect(in).manifest());
        }
    }

    /** {@return what the bundle is} */
    public Manifest manifest() {
        return manifest;
    }

    /** {@return the bytes to sign: a label of this format, then the manifest} */
    public byte[] toBeSigned() {
        return BundleReader.toBeSigned(manifest.toBytes());
    }

    /**
     * Signs and writes the bundle.
     *
     * @param file where to; replaced as a whole when the bundle is complete. May be the bundle's own file
     * @param signer whose bundle it becomes
     * @throws BundleException {@code SIGNATURE_INVALID} or {@code INPUT_CHANGED}
     * @throws GeneralSecurityException if the signer cannot sign
     * @throws IOException if the bundle cannot be read or the file not written
     */
    public void write(Path file, BundleSigner signer) throws IOException, BundleException, GeneralSecurityException {
        write(file, signer.publicKey(), signer.sign(toBeSigned()));
    }

    /**
     * Writes the bundle with a signature made elsewhere.
     *
     * @param file where to; replaced as a whole when the bundle is complete. May be the bundle's own file
     * @param signer the public key of whoever signed
     * @param signature over {@link #toBeSigned}: 64 bytes as {@link BundleSigner#sign} makes them, or for P-256 the ASN.1 DER form
     *     that OpenSSL and most modules make
     * @throws BundleException {@code SIGNATURE_INVALID} if it is not that, {@code INPUT_CHANGED} if the bundle has changed
     * @throws IOException if the bundle cannot be read or the file not written
     */
    public void write(Path file, SignerKey signer, byte[] signature) throws IOException, BundleException {
        byte[] fixed = signer.algorithm() == SignerKey.Algorithm.P256 && signature.length != SignerKey.SIGNATURE_BYTES
                ? DerSignature.toFixed(signature)
                : signature;
        if (!signer.verify(toBeSigned(), fixed)) {
            throw new BundleException(
                    Code.SIGNATURE_INVALID,
                    "signing " + manifest.name() + ": the signature is not of this bundle by the key " + signer.id().shortHex()
                            + "; sign exactly the bytes that 'innerkeep sign --digest' writes, with the key whose public half is given");
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        try (InputStream in = Files.newInputStream(bundle);
                OutputStream out = new BufferedOutputStream(
                        Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            new BundleReader(in).read(Long.MAX_VALUE, new Copy(out, signer, fixed));
            out.close();
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes what is read under another signature. */
    private final class Copy implements BundleReader.Target {
        private final OutputStream out;
        private final SignerKey signer;
        private final byte[] signature;

        Copy(OutputStream out, SignerKey signer, byte[] signature) {
            this.out = out;
            this.signer = signer;
            this.signature = signature;
        }

        @Override
        public void begin(Manifest read) throws IOException, BundleException {
            if (!read.equals(manifest)) {
                throw new BundleException(Code.INPUT_CHANGED, bundle + ": changed since it was read; sign again");
            }
            BundleReader.writeHeader(out, read.toBytes(), signer, signature);
        }

        @Override
        public OutputStream open(BundleFile file) {
            return new FilterOutputStream(out) {
                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    out.write(from, offset, length);
                }

                @Override
                public void close() throws IOException {
                    // The next file follows in the same stream.
                    flush();
                }
            };
        }
    }
}
