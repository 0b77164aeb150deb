package org.innerkeep.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.innerkeep.bundle.BundleException.Code;

/**
 * A bundle's file that is to be signed: one that {@link Packer#writeUnsigned} wrote, or a signed one that is to get another signer. The
 * bundle digest does not depend on who signs, so it stays the same.
 *
 * <p>What is here was checked for damage, not for who made it. To start or to trust a bundle, read it as a {@link Bundle}.
 *
 * <p>Instances are immutable and safe for use by several threads. The file is read by {@link #read} and again by {@code write}, which
 * refuses one that has changed in between.
 */
public final class SignableBundle {
    private static final BundleReader.Target NOWHERE = new BundleReader.Target() {
        @Override
        public void begin(Manifest manifest) {}

        @Override
        public OutputStream open(BundleFile file) {
            return OutputStream.nullOutputStream();
        }
    };

    private final Path file;
    private final BundleReader.Contents contents;

    private SignableBundle(Path file, BundleReader.Contents contents) {
        this.file = file;
        this.contents = contents;
    }

    /**
     * Reads a bundle and checks that every file has the digest that the manifest names; where there is a signature, that it is valid.
     *
     * @param file the bundle, signed or not
     * @return what can be signed
     * @throws BundleException if the bundle is refused, for the reasons of {@link Bundle#inspect} but {@code UNSIGNED}
     * @throws IOException if the file cannot be read
     */
    public static SignableBundle read(Path file) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(file)) {
            return new SignableBundle(file, new BundleReader(in).readUnsignedToo(Long.MAX_VALUE, NOWHERE));
        }
    }

    /** {@return what the bundle is} */
    public Manifest manifest() {
        return contents.manifest();
    }

    /** {@return whose signature it has now, if any} */
    public Optional<SignerKey> signer() {
        return contents.signed().map(BundleReader.Signed::signer);
    }

    /** {@return the bytes that a {@link BundleSigner} signs: a label of this format, then the manifest} */
    public byte[] toBeSigned() {
        return BundleReader.toBeSigned(manifest().toBytes());
    }

    /**
     * Signs, and writes the signed bundle.
     *
     * @param to where to, possibly the file that was read; replaced as a whole when the bundle is complete
     * @param signer whose bundle it is from now on
     * @throws BundleException {@code SIGNATURE_INVALID} if the signer did not sign with its own key, or {@code INPUT_CHANGED}
     * @throws GeneralSecurityException if the signer cannot sign
     * @throws IOException if the bundle cannot be read again or the file not written
     */
    public void write(Path to, BundleSigner signer) throws IOException, BundleException, GeneralSecurityException {
        write(to, signer.publicKey(), signer.sign(toBeSigned()));
    }

    /**
     * Writes the bundle with a signature made elsewhere.
     *
     * @param to where to, possibly the file that was read; replaced as a whole when the bundle is complete
     * @param signer the public key of whoever signed
     * @param signature over {@link #toBeSigned}, in the form of {@link BundleSigner#sign}; see also
     *     {@link SignerKey.Algorithm#decodeSignature}
     * @throws BundleException {@code SIGNATURE_INVALID} if it is not that, or {@code INPUT_CHANGED}
     * @throws IOException if the bundle cannot be read again or the file not written
     */
    public void write(Path to, SignerKey signer, byte[] signature) throws IOException, BundleException {
        if (!signer.verify(toBeSigned(), signature)) {
            throw new BundleException(
                    Code.SIGNATURE_INVALID,
                    "bundle " + manifest().name() + ": the signature is not of this bundle by the key " + signer.id().shortHex()
                            + "; sign exactly the bytes that 'innerkeep sign --digest' writes");
        }
        WholeFile.write(to, out -> {
            BundleReader.writeHeader(out, manifest().toBytes(), signer, signature);
            try (InputStream in = Files.newInputStream(file)) {
                Manifest now = new BundleReader(in).readUnsignedToo(Long.MAX_VALUE, new Onward(out)).manifest();
                if (!now.equals(manifest())) {
                    throw new BundleException(Code.INPUT_CHANGED, file + ": it has changed since it was read; sign again");
                }
            }
        });
    }

    /** Passes the files' bytes on. What turns out damaged makes the whole writing fail. */
    private record Onward(OutputStream out) implements BundleReader.Target {
        @Override
        public void begin(Manifest manifest) {}

        @Override
        public OutputStream open(BundleFile file) {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    out.write(from, offset, length);
                }
            };
        }
    }
}
