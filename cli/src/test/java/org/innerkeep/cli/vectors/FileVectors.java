package org.innerkeep.cli.vectors;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.time.Instant;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.OfferedInterface;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.channel.call.ServiceSchema;
import org.innerkeep.channel.file.Armor;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.cli.vectors.CodecVectors.Entry;
import org.innerkeep.cli.vectors.Keys.FixedRandom;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hello.Greeting;

/** Files: sealed ones, and bundles. */
final class FileVectors {
    private FileVectors() {}

    static Map<String, Object> sealed() throws IOException {
        byte[] plain = "Sealed for the enclave's eyes.\n".getBytes(US_ASCII);
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, new FixedRandom("identity"));
                Identity stranger = Identity.generate(KeyKind.CLASSIC, new FixedRandom("stranger"))) {
            String secret = secret(identity);
            Bytes sealed = seal(plain, identity, "file");
            Bytes empty = seal(new byte[0], identity, "empty");
            try (InputStream in = SealedFile.unseal(stream(sealed), List.of(Identity.parse(secret)))) {
                if (!Bytes.of(in.readAllBytes()).equals(Bytes.of(plain))) {
                    throw new IllegalStateException("it opens to something else");
                }
            }
            String hex = sealed.hex();
            int chunk = 2 * (plain.length + 16);
            return new Entry()
                    .put("about", "Sealed files, age v1; docs/protocol.md, section 6. The age tool opens them with the identity.")
                    .put("identity", secret)
                    .put("recipient", identity.recipient().toString())
                    .put("fileKey", fileKey(sealed, identity))
                    .put("plaintext", Bytes.of(plain).hex())
                    .put("sealed", hex)
                    .put("armored", armored(sealed))
                    .put("sealedEmpty", empty.hex())
                    .put("refused", List.of(
                            refuse("mac-changed", hex.replace("2d2d2d20", "2d2d2d2d"), identity),
                            refuse("another-version", hex.replaceFirst("2f7631", "2f7632"), identity),
                            refuse("payload-changed", flip(hex), identity),
                            refuse("cut-after-the-header", hex.substring(0, hex.length() - chunk), identity),
                            refuse("cut-in-the-chunk", hex.substring(0, hex.length() - 2), identity),
                            refuse("sealed-to-somebody-else", seal(plain, stranger, "other").hex(), identity)))
                    .put("hybrid", hybrid(plain))
                    .map();
        }
    }

    private static Map<String, Object> hybrid(byte[] plain) throws IOException {
        try (Identity identity = Identity.generate(KeyKind.HYBRID, new FixedRandom("hybrid identity"));
                Identity stranger = Identity.generate(KeyKind.HYBRID, new FixedRandom("hybrid stranger"))) {
            String secret = secret(identity);
            Bytes sealed = seal(plain, identity, "hybrid file");
            try (InputStream in = SealedFile.unseal(stream(sealed), List.of(Identity.parse(secret)))) {
                if (!Bytes.of(in.readAllBytes()).equals(Bytes.of(plain))) {
                    throw new IllegalStateException("it opens to something else");
                }
            }
            return new Entry()
                    .put("identity", secret)
                    .put("recipient", identity.recipient().toString())
                    .put("fileKey", fileKey(sealed, identity))
                    .put("plaintext", Bytes.of(plain).hex())
                    .put("sealed", sealed.hex())
                    .put("refused", List.of(
                            // The line end before the body and the MAC becomes " x" and a line end.
                            refuse(
                                    "another-argument",
                                    sealed.hex().replaceFirst("0a(?=([0-9a-f]{2}){43}0a2d2d2d20)", "20780a"),
                                    identity),
                            refuse("payload-changed", flip(sealed.hex()), identity),
                            refuse("sealed-to-somebody-else", seal(plain, stranger, "hybrid other").hex(), identity)))
                    .map();
        }
    }

    private static String flip(String hex) {
        return hex.substring(0, hex.length() - 1) + (hex.endsWith("0") ? "1" : "0");
    }

    private static InputStream stream(Bytes bytes) {
        return new ByteArrayInputStream(bytes.toArray());
    }

    private static String secret(Identity identity) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        identity.writeFile(file, Instant.EPOCH);
        return file.toString(US_ASCII).lines().filter(line -> !line.startsWith("#")).findFirst().orElseThrow();
    }

    private static Bytes seal(byte[] plain, Identity identity, String seed) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(plain), out, List.of(identity.recipient()), new FixedRandom(seed));
        return Bytes.of(out.toByteArray());
    }

    private static String fileKey(Bytes sealed, Identity identity) throws IOException {
        try (FileKey key = SealedFile.unwrap(stream(sealed), List.of(identity))) {
            return Bytes.of(key.exposeSecretBytes()).hex();
        }
    }

    private static String armored(Bytes sealed) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (OutputStream armor = Armor.writer(text)) {
            armor.write(sealed.toArray());
        }
        return text.toString(US_ASCII);
    }

    private static Map<String, Object> refuse(String name, String hex, Identity identity) throws IOException {
        try (InputStream in = SealedFile.unseal(stream(Bytes.fromHex(hex)), List.of(identity))) {
            in.readAllBytes();
        } catch (SealedFileException e) {
            return new Entry().put("name", name).put("sealed", hex).put("code", e.code().name()).map();
        }
        throw new IllegalStateException(name + " opens");
    }

    static Map<String, Object> bundle(Recorded recorded) throws Exception {
        byte[] jar = "not a real jar: readers of bundles compare digests and do not open jars\n".getBytes(US_ASCII);
        byte[] library = "not a real library\n".getBytes(US_ASCII);
        Manifest manifest = new Manifest(
                "vectors", 7, 3, "org.innerkeep.cli.vectors.Program", 64L << 20, 8, false, true, List.of(), 25,
                List.of("java.base", "java.logging"),
                List.of(new OfferedInterface(
                        OfferedInterface.Side.CLIENT,
                        Greeting.class.getName(),
                        Digest.of(ServiceSchema.of(Greeting.class).digest().toArray()))),
                List.of(
                        new BundleFile("lib/program.jar", jar.length, Digest.sha256(jar)),
                        new BundleFile("native/linux-x86_64/libx.so", library.length, Digest.sha256(library))));
        byte[] text = manifest.toBytes();
        Bytes files = Bytes.fromHex(Bytes.of(jar).hex() + Bytes.of(library).hex());

        Bytes signature = Bytes.of(sign(Keys.DEVELOPER.getPrivate(), "Ed25519", text));
        SignerKey p256 = SignerKey.of(Keys.spki(Keys.DEVELOPER_P256).toArray());
        Bytes second = recorded.keep(
                Bytes.of(sign(Keys.DEVELOPER_P256.getPrivate(), "SHA256withECDSAinP1363Format", text)),
                found -> p256.verify(signed(text), found.toArray()),
                "signatureP256");
        Bytes bundle = assemble(text, Keys.DEVELOPER, signature, files);
        require(manifest, Keys.DEVELOPER, bundle);
        require(manifest, Keys.DEVELOPER_P256, assemble(text, Keys.DEVELOPER_P256, second, files));
        return new Entry()
                .put("about", "A bundle; docs/protocol.md, section 7. Two developers signed the same manifest, so both bundles"
                        + " have one digest.")
                .put("manifest", new String(text, US_ASCII))
                .put("digest", manifest.digest().toString())
                .put("signer", Keys.spki(Keys.DEVELOPER).hex())
                .put("signerId", SignerKey.of(Keys.spki(Keys.DEVELOPER).toArray()).id().toString())
                .put("signature", signature.hex())
                .put("signerP256", Keys.spki(Keys.DEVELOPER_P256).hex())
                .put("signerIdP256", p256.id().toString())
                .put("signatureP256", second.hex())
                .put("bundle", bundle.hex())
                .put("withSbom", withSbom(manifest, files))
                .put("unsigned", unsigned(text, files).hex())
                .put("refused", refusedBundles(bundle.hex(), unsigned(text, files).hex(), withSbom(manifest, files)))
                .map();
    }

    /** The same with a bill of materials: one more file, of which nothing runs, and so another digest. */
    private static Map<String, Object> withSbom(Manifest without, Bytes files) throws Exception {
        byte[] sbom = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1}\n".getBytes(US_ASCII);
        List<BundleFile> all = new ArrayList<>(without.files());
        // Paths ascend: between lib and native.
        all.add(1, new BundleFile(Bundle.SBOM, sbom.length, Digest.sha256(sbom)));
        Manifest manifest = new Manifest(
                without.name(), without.productId(), without.svn(), without.program(), without.heapBytes(), without.threads(),
                without.debug(), true, List.of(), without.javaRelease(), without.javaModules(), without.interfaces(), all);
        byte[] text = manifest.toBytes();
        int jarBytes = (int) without.files().getFirst().sizeBytes();
        String hex = files.hex();
        Bytes content = Bytes.fromHex(hex.substring(0, 2 * jarBytes) + Bytes.of(sbom).hex() + hex.substring(2 * jarBytes));
        Bytes signature = Bytes.of(sign(Keys.DEVELOPER.getPrivate(), "Ed25519", text));
        Bytes bundle = assemble(text, Keys.DEVELOPER, signature, content);
        require(manifest, Keys.DEVELOPER, bundle);
        if (!Bytes.of(Bundle.sbom(stream(bundle)).orElseThrow()).equals(Bytes.of(sbom))) {
            throw new IllegalStateException("another bill of materials than was packed");
        }
        return new Entry()
                .put("manifest", new String(text, US_ASCII))
                .put("digest", manifest.digest().toString())
                .put("signature", signature.hex())
                .put("sbom", Bytes.of(sbom).hex())
                .put("bundle", bundle.hex())
                .map();
    }

    private static Bytes unsigned(byte[] manifest, Bytes files) {
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        bundle.writeBytes(manifest);
        bundle.writeBytes("\nunsigned\n\n".getBytes(US_ASCII));
        bundle.writeBytes(files.toArray());
        return Bytes.of(bundle.toByteArray());
    }

    private static byte[] signed(byte[] manifest) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("innerkeep bundle signature 1\n".getBytes(US_ASCII));
        signed.writeBytes(manifest);
        return signed.toByteArray();
    }

    private static byte[] sign(PrivateKey key, String algorithm, byte[] manifest) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(signed(manifest));
        return signer.sign();
    }

    private static Bytes assemble(byte[] manifest, KeyPair developer, Bytes signature, Bytes files) {
        Base64.Encoder base64 = Base64.getEncoder();
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        bundle.writeBytes(manifest);
        bundle.writeBytes(("\nsigner " + base64.encodeToString(developer.getPublic().getEncoded()) + "\nsignature "
                        + base64.encodeToString(signature.toArray()) + "\n\n")
                .getBytes(US_ASCII));
        bundle.writeBytes(files.toArray());
        return Bytes.of(bundle.toByteArray());
    }

    private static void require(Manifest manifest, KeyPair developer, Bytes bundle) throws IOException, BundleException {
        Bundle read = Bundle.inspect(stream(bundle));
        if (!read.digest().equals(manifest.digest()) || !Bytes.of(read.signer().spki()).equals(Keys.spki(developer))) {
            throw new IllegalStateException("another bundle than was made");
        }
    }

    private static List<Object> refusedBundles(String good, String unsigned, Map<String, Object> withSbom) throws IOException {
        List<Object> list = new ArrayList<>();
        refuseBundle(list, "file-changed", good.substring(0, good.length() - 2) + "2e");
        refuseBundle(list, "bytes-follow", good + "00");
        refuseBundle(list, "cut", good.substring(0, good.length() - 2));
        refuseBundle(list, "version-raised", replace(good, "svn 3\n", "svn 4\n"));
        refuseBundle(list, "lines-in-another-order", replace(good, "product 7\nsvn 3\n", "svn 3\nproduct 7\n"));
        refuseBundle(list, "number-with-a-leading-zero", replace(good, "product 7\n", "product 07\n"));
        refuseBundle(list, "unsigned", unsigned);
        String sbom = String.valueOf(withSbom.get("bundle"));
        refuseBundle(list, "sbom-changed", replace(sbom, "CycloneDX\"", "CycloneDY\""));
        refuseBundle(list, "jar-under-meta", replace(sbom, "meta/sbom.cdx.json\n", "meta/sbom.cdx.jar\n"));
        refuseBundle(list, "library-under-meta", replace(sbom, "meta/sbom.cdx.json\n", "meta/sbom.so.1\n"));
        refuseBundle(list, "folder-under-meta", replace(sbom, "meta/sbom.cdx.json\n", "meta/sbom/cdx.json\n"));
        refuseBundle(list, "another-format", replace(good, "innerkeep bundle 1\n", "innerkeep bundle 2\n"));
        return list;
    }

    private static String replace(String hex, String old, String with) {
        String after = hex.replace(Bytes.of(old.getBytes(US_ASCII)).hex(), Bytes.of(with.getBytes(US_ASCII)).hex());
        if (after.equals(hex)) {
            throw new IllegalStateException("the mutation changes nothing");
        }
        return after;
    }

    private static void refuseBundle(List<Object> list, String name, String hex) throws IOException {
        try {
            Bundle.inspect(stream(Bytes.fromHex(hex)));
        } catch (BundleException e) {
            list.add(new Entry().put("name", name).put("bundle", hex).put("code", e.code().name()).map());
            return;
        }
        throw new IllegalStateException(name + " is accepted");
    }
}
