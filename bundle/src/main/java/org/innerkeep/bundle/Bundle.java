package org.innerkeep.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A bundle that was read whole and found right: its signature is of its manifest, and every file has the digest that the manifest
 * names. Only {@link #unpack} and {@link #inspect} make one. Who signed is told, not judged.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class Bundle {
    /** The path of a bundle's bill of materials, CycloneDX in JSON, where it has one. */
    public static final String SBOM = "meta/sbom.cdx.json";

    private final Manifest manifest;
    private final SignerKey signer;
    private final Digest digest;

    Bundle(Manifest manifest, SignerKey signer, Digest digest) {
        this.manifest = manifest;
        this.signer = signer;
        this.digest = digest;
    }

    /**
     * Reads a bundle and writes its files to a folder, each under its path in the manifest.
     *
     * <p>Manifest and signature are checked before anything is written. Each file is then written to a new file, never through a link
     * and never over another, and is digested from the same bytes in memory that are written. At the first fault, everything
     * written is removed again. On success the files are read-only (mode 0444, their folders 0755) and hold what the manifest names,
     * provided that nobody else can write to the folder: keep it in one that only the caller can write to.
     *
     * @param in the bundle; read to its end, not closed; no more is read than the format allows
     * @param folder an empty folder, or none yet in a folder that exists; never a symbolic link
     * @param maxBytes the most bytes that all files together may have
     * @return the bundle
     * @throws BundleException if the bundle is refused: {@code MALFORMED}, {@code UNSUPPORTED}, {@code KEY_INVALID},
     *     {@code UNSIGNED}, {@code SIGNATURE_INVALID}, {@code TOO_LARGE}, {@code TRUNCATED}, {@code FILE_DIGEST_MISMATCH},
     *     {@code TRAILING_BYTES}; or the folder is: {@code TARGET_NOT_EMPTY}
     * @throws IOException if reading or writing fails; a file that somebody else puts in the way is a
     *     {@link java.nio.file.FileAlreadyExistsException}
     */
    public static Bundle unpack(InputStream in, Path folder, long maxBytes) throws IOException, BundleException {
        try (Unpacking target = new Unpacking(folder)) {
            Bundle bundle = new BundleReader(in).read(maxBytes, target);
            target.keep();
            return bundle;
        }
    }

    /**
     * Reads a bundle and checks all that {@link #unpack} checks, without writing anything.
     *
     * @param in the bundle; read to its end, not closed. As many bytes are read as a manifest with a valid signature says, and none of
     *     the files' is kept
     * @return the bundle
     * @throws BundleException if the bundle is refused
     * @throws IOException if reading fails
     */
    public static Bundle inspect(InputStream in) throws IOException, BundleException {
        return new BundleReader(in).read(Long.MAX_VALUE, new BundleReader.Target() {
            @Override
            public void begin(Manifest manifest) {}

            @Override
            public OutputStream open(BundleFile file) {
                return OutputStream.nullOutputStream();
            }
        });
    }

    /**
     * Reads a bundle, checks all that {@link #inspect} checks, and gives its bill of materials.
     *
     * @param in the bundle; read to its end, not closed
     * @return the bytes of {@value #SBOM}, at most {@link BundleFile#MAX_META_BYTES}; none if the bundle has no such file
     * @throws BundleException if the bundle is refused
     * @throws IOException if reading fails
     */
    public static Optional<byte[]> sbom(InputStream in) throws IOException, BundleException {
        ByteArrayOutputStream sbom = new ByteArrayOutputStream();
        Bundle bundle = new BundleReader(in).read(Long.MAX_VALUE, new BundleReader.Target() {
            @Override
            public void begin(Manifest manifest) {}

            @Override
            public OutputStream open(BundleFile file) {
                return file.path().equals(SBOM) ? sbom : OutputStream.nullOutputStream();
            }
        });
        boolean has = bundle.manifest().files().stream().anyMatch(file -> file.path().equals(SBOM));
        return has ? Optional.of(sbom.toByteArray()) : Optional.empty();
    }

    /** {@return what the bundle is} */
    public Manifest manifest() {
        return manifest;
    }

    /** {@return whose signature it has} */
    public SignerKey signer() {
        return signer;
    }

    /** {@return the bundle digest: SHA-256 of the manifest's bytes} */
    public Digest digest() {
        return digest;
    }

    /** {@return name, product, security version and digest} */
    @Override
    public String toString() {
        return manifest.name() + " product " + manifest.productId() + " svn " + manifest.svn() + " " + digest;
    }
}
