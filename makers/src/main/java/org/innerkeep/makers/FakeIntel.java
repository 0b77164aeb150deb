package org.innerkeep.makers;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * A synthetic Intel: it certifies one platform, has its quoting enclaves quote enclaves and trust domains, and issues collateral, all
 * in Intel's true forms and under a root of its own. It makes what it is told to, wrong things too: tests need them.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeIntel {
    /** Where fields stand in an SGX report, for changes of it. */
    public static final int SGX_ATTRIBUTES = 48;

    /** {@code MRSIGNER} in an SGX report. */
    public static final int SGX_MRSIGNER = 128;

    /** {@code ISVPRODID} in an SGX report. */
    public static final int SGX_ISVPRODID = 256;

    /** {@code ISVSVN} in an SGX report. */
    public static final int SGX_ISVSVN = 258;

    /** {@code REPORTDATA} in an SGX report. */
    public static final int SGX_REPORTDATA = 320;

    /** {@code TEE_TCB_SVN} in a TD report. */
    public static final int TD_TEE_TCB_SVN = 0;

    /** {@code MRSIGNERSEAM} in a TD report. */
    public static final int TD_MRSIGNERSEAM = 64;

    /** {@code SEAMATTRIBUTES} in a TD report. */
    public static final int TD_SEAMATTRIBUTES = 112;

    /** {@code TDATTRIBUTES} in a TD report. */
    public static final int TD_ATTRIBUTES = 120;

    /** {@code REPORTDATA} in a TD report. */
    public static final int TD_REPORTDATA = 520;

    /** {@code TEE_TCB_SVN_2} in a TD report of TDX 1.5. */
    public static final int TD_TEE_TCB_SVN_2 = 584;

    /** The kind of the platform. */
    public static final Bytes FMSPC = Bytes.fromHex("f0f1f2f3f4f5");

    /** Versions of the platform's components, as its certificate states them. */
    public static final Bytes COMPONENTS = Bytes.fromHex("05050202030100050000000000000000");

    /** Versions of the TDX module that launches trust domains, 1.6, and of other components. */
    public static final Bytes TEE_TCB_SVN = Bytes.fromHex("06010300000000000000000000000000");

    /** Which of Intel's evaluations the collateral is of. */
    public static final int EVALUATION = 20;

    private static final Bytes PCE_ID = Bytes.fromHex("0000");
    private static final Bytes PPID = Bytes.fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    private static final int PCE_SVN = 13;
    private static final int QE_SVN = 8;
    private static final Bytes QE_SIGNER = Bytes.sha256("signer of quoting enclaves".getBytes(StandardCharsets.US_ASCII));
    private static final Bytes QE_VENDOR = Bytes.fromHex("939a7233f79c4ca9940a0db3957f0607");
    private static final String ORGANIZATION = ",O=Intel Corporation,L=Santa Clara,ST=CA,C=US";
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final String SGX_EXTENSION = "1.2.840.113741.1.13.1";

    private final Instant at;
    private final Authority root = authority("CN=Intel SGX Root CA");
    private final Authority platformCa;
    private final Authority processorCa;
    private final KeyPair tcbSigning = Authority.ecKeys("secp256r1");
    private final X509Certificate tcbSigningCertificate;
    private final KeyPair pck = Authority.ecKeys("secp256r1");
    private final X509Certificate pckCertificate;
    private final KeyPair attestation = Authority.ecKeys("secp256r1");

    private FakeIntel(Instant at) {
        this.at = at;
        this.platformCa = below("CN=Intel SGX PCK Platform CA");
        this.processorCa = below("CN=Intel SGX PCK Processor CA");
        this.tcbSigningCertificate = root.certify(name("CN=Intel SGX TCB Signing"), tcbSigning.getPublic(), at, leaf());
        this.pckCertificate = pckCertificate(platformCa, pck.getPublic(), wish -> {}, UnaryOperator.identity());
    }

    /**
     * Makes one with new keys.
     *
     * @param at the time around which all that it makes is valid
     * @return a new synthetic Intel
     */
    public static FakeIntel at(Instant at) {
        return new FakeIntel(at);
    }

    private Authority authority(String commonName) {
        return Authority.root(name(commonName), Authority.ecKeys("secp256r1"), ALGORITHM, Instant.parse("2020-01-01T00:00:00Z"),
                wish -> wish.valid(Instant.parse("2018-05-21T10:45:10Z"), Instant.parse("2049-12-31T23:59:59Z"))
                        .authority(Optional.of(1)));
    }

    private Authority below(String commonName) {
        return root.below(name(commonName), Authority.ecKeys("secp256r1"), ALGORITHM, at, wish -> {});
    }

    private static String name(String commonName) {
        return commonName + ORGANIZATION;
    }

    private static Consumer<Authority.Wish> leaf() {
        return wish -> wish.usage(KeyUsage.digitalSignature | KeyUsage.nonRepudiation)
                .extension("2.5.29.19", true, der(new BasicConstraints(false)));
    }

    /** {@return the time around which all that it makes is valid} */
    public Instant at() {
        return at;
    }

    /** {@return the anchor that a relying party pins} */
    public MakerRoot anchor() {
        return MakerRoot.of(Maker.INTEL, root.certificate());
    }

    /** {@return the root} */
    public Authority root() {
        return root;
    }

    /** {@return the authority over the platform's key} */
    public Authority platformCa() {
        return platformCa;
    }

    /** {@return the authority over keys of platforms with one package} */
    public Authority processorCa() {
        return processorCa;
    }

    /** {@return the certificate of the key that signs TCB info and identities} */
    public X509Certificate tcbSigningCertificate() {
        return tcbSigningCertificate;
    }

    /** {@return the platform's certificate} */
    public X509Certificate pckCertificate() {
        return pckCertificate;
    }

    /** {@return the platform's key} */
    public KeyPair pckKeys() {
        return pck;
    }

    /**
     * Certifies a platform's key.
     *
     * @param authority who certifies
     * @param key the key
     * @param change of the certificate
     * @param extension of the bytes of its SGX extension
     * @return the certificate
     */
    public X509Certificate pckCertificate(
            Authority authority, PublicKey key, Consumer<Authority.Wish> change, UnaryOperator<byte[]> extension) {
        boolean platform = authority == platformCa;
        return authority.certify(
                name("CN=Intel SGX PCK Certificate"),
                key,
                at,
                leaf().andThen(wish -> wish.extension(SGX_EXTENSION, false, extension.apply(sgxExtension(platform))))
                        .andThen(change));
    }

    /** The value of the SGX extension. */
    private static byte[] sgxExtension(boolean platform) {
        List<ASN1Encodable> tcb = new ArrayList<>();
        byte[] components = COMPONENTS.toArray();
        for (int i = 0; i < components.length; i++) {
            tcb.add(field("2." + (i + 1), new ASN1Integer(components[i] & 0xff)));
        }
        tcb.add(field("2.17", new ASN1Integer(PCE_SVN)));
        tcb.add(field("2.18", octets(COMPONENTS)));
        List<ASN1Encodable> fields = new ArrayList<>(List.of(
                field("1", octets(PPID)),
                field("2", sequence(tcb)),
                field("3", octets(PCE_ID)),
                field("4", octets(FMSPC)),
                field("5", new ASN1Enumerated(platform ? 1 : 0))));
        if (platform) {
            fields.add(field("6", octets(Bytes.fromHex("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"))));
            fields.add(field("7", sequence(List.of(
                    field("7.1", ASN1Boolean.TRUE), field("7.2", ASN1Boolean.FALSE), field("7.3", ASN1Boolean.TRUE)))));
        }
        return der(sequence(fields));
    }

    private static ASN1Encodable field(String id, ASN1Encodable value) {
        return sequence(List.of(new ASN1ObjectIdentifier(SGX_EXTENSION + "." + id), value));
    }

    private static ASN1Encodable octets(Bytes bytes) {
        return new DEROctetString(bytes.toArray());
    }

    private static ASN1Encodable sequence(List<ASN1Encodable> items) {
        ASN1EncodableVector vector = new ASN1EncodableVector();
        items.forEach(vector::add);
        return new DERSequence(vector);
    }

    private static byte[] der(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a quote is to be like. Begins right; each method makes it otherwise. Not safe for several threads. */
    public static final class QuoteWish {
        private record Patch(int offset, Bytes value) {}

        private final List<Patch> header = new ArrayList<>();
        private final List<Patch> body = new ArrayList<>();
        private final List<Patch> qe = new ArrayList<>();
        private Bytes authentication = Bytes.of(new byte[32]);
        private int certificationType = 5;
        private Bytes certification;
        private Bytes trailing = Bytes.EMPTY;
        private KeyPair stated;
        private PrivateKey signer;
        private PrivateKey qeSigner;

        private QuoteWish(Bytes certification, KeyPair attestation, PrivateKey pck) {
            this.certification = certification;
            this.stated = attestation;
            this.signer = attestation.getPrivate();
            this.qeSigner = pck;
        }

        /** Other bytes in the header, before it is signed. */
        public QuoteWish header(int offset, Bytes value) {
            header.add(new Patch(offset, value));
            return this;
        }

        /** Other bytes in the report that is quoted, before it is signed. */
        public QuoteWish body(int offset, Bytes value) {
            body.add(new Patch(offset, value));
            return this;
        }

        /** Other bytes in the report of the quoting enclave, before it is signed. */
        public QuoteWish qe(int offset, Bytes value) {
            qe.add(new Patch(offset, value));
            return this;
        }

        /** Other data beside the attestation key. */
        public QuoteWish authentication(Bytes value) {
            authentication = value;
            return this;
        }

        /** Another way to say which PCK key signed. */
        public QuoteWish certification(int type, Bytes data) {
            certificationType = type;
            certification = data;
            return this;
        }

        /** Something after the quote. */
        public QuoteWish trailing(Bytes value) {
            trailing = value;
            return this;
        }

        /** Another attestation key, which the quoting enclave vouches for. */
        public QuoteWish attestationKeys(KeyPair keys) {
            stated = keys;
            signer = keys.getPrivate();
            return this;
        }

        /** A signature over header and body by another key than the one that is stated. */
        public QuoteWish signer(PrivateKey key) {
            signer = key;
            return this;
        }

        /** A signature over the report of the quoting enclave by another key than the platform's. */
        public QuoteWish qeSigner(PrivateKey key) {
            qeSigner = key;
            return this;
        }

        private static void apply(List<Patch> patches, byte[] bytes) {
            for (Patch patch : patches) {
                System.arraycopy(patch.value().toArray(), 0, bytes, patch.offset(), patch.value().length());
            }
        }
    }

    /**
     * Quotes an enclave.
     *
     * @param version 3, 4 or 5
     * @param change of the quote
     * @return the quote
     */
    public byte[] sgxQuote(int version, Consumer<QuoteWish> change) {
        return quote(version, Need.Tee.SGX, 1, enclave(), change);
    }

    /**
     * Quotes a trust domain of TDX 1.0.
     *
     * @param version 4 or 5
     * @param change of the quote
     * @return the quote
     */
    public byte[] tdxQuote(int version, Consumer<QuoteWish> change) {
        return quote(version, Need.Tee.TDX, 2, domain(), change);
    }

    /**
     * Quotes a trust domain of TDX 1.5, in version 5.
     *
     * @param change of the quote
     * @return the quote
     */
    public byte[] tdx15Quote(Consumer<QuoteWish> change) {
        return quote(5, Need.Tee.TDX, 3, concat(domain(), TEE_TCB_SVN.toArray(), new byte[48]), change);
    }

    /**
     * Quotes a trust domain of TDX 1.5 in its extended form, in version 5.
     *
     * @param change of the quote
     * @return the quote
     */
    public byte[] tdx15ExtendedQuote(Consumer<QuoteWish> change) {
        return quote(5, Need.Tee.TDX, 4, concat(domain(), TEE_TCB_SVN.toArray(), new byte[48], new byte[237]), change);
    }

    private static byte[] concat(byte[]... parts) {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(parts).forEach(writer::bytes);
        return writer.toByteArray();
    }

    private byte[] quote(int version, Need.Tee tee, int bodyType, byte[] body, Consumer<QuoteWish> change) {
        QuoteWish wish = new QuoteWish(pemChain(), attestation, pck.getPrivate());
        change.accept(wish);
        byte[] header = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .u16(version)
                .u16(2)
                .u32(tee == Need.Tee.TDX ? 0x81 : 0)
                .u16(version == 3 ? QE_SVN : 0)
                .u16(version == 3 ? PCE_SVN : 0)
                .bytes(QE_VENDOR)
                .bytes(Bytes.fromHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf00000000"))
                .toByteArray();
        QuoteWish.apply(wish.header, header);
        QuoteWish.apply(wish.body, body);
        ByteWriter signed = new ByteWriter(ByteOrder.LITTLE_ENDIAN).bytes(header);
        if (version == 5) {
            signed.u16(bodyType).u32(body.length);
        }
        byte[] signedBytes = signed.bytes(body).toByteArray();

        byte[] key = point(wish.stated.getPublic());
        byte[] qe = qeReport(tee, key, wish);
        ByteWriter certification = new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(qe)
                .bytes(sign(wish.qeSigner, qe))
                .u16(wish.authentication.length())
                .bytes(wish.authentication)
                .u16(wish.certificationType)
                .u32(wish.certification.length())
                .bytes(wish.certification);
        ByteWriter signature = new ByteWriter(ByteOrder.LITTLE_ENDIAN).bytes(sign(wish.signer, signedBytes)).bytes(key);
        if (version > 3) {
            signature.u16(6).u32(certification.toByteArray().length);
        }
        byte[] signatureData = signature.bytes(certification.toByteArray()).toByteArray();
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(signedBytes)
                .u32(signatureData.length)
                .bytes(signatureData)
                .bytes(wish.trailing)
                .toByteArray();
    }

    /** A release enclave, product 7, version 3. */
    private static byte[] enclave() {
        return report(0x05, 7, 0x11, Bytes.sha256("enclave".getBytes(StandardCharsets.US_ASCII)),
                Bytes.sha256("signer of enclaves".getBytes(StandardCharsets.US_ASCII)), 3);
    }

    private static byte[] report(int flags, int product, int misc, Bytes mrEnclave, Bytes mrSigner, int svn) {
        byte[] reportData = new byte[64];
        Arrays.fill(reportData, (byte) misc);
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(COMPONENTS)
                .u32(0)
                .zeros(28)
                .u64(flags)
                .u64(7)
                .bytes(mrEnclave)
                .zeros(32)
                .bytes(mrSigner)
                .zeros(96)
                .u16(product)
                .u16(svn)
                .zeros(60)
                .bytes(reportData)
                .toByteArray();
    }

    private static byte[] qeReport(Need.Tee tee, byte[] key, QuoteWish wish) {
        byte[] report = report(0x15, product(tee), 0, Bytes.sha256("quoting enclave".getBytes(StandardCharsets.US_ASCII)),
                QE_SIGNER, QE_SVN);
        byte[] bound = Arrays.copyOf(Bytes.sha256(key, wish.authentication.toArray()).toArray(), 64);
        System.arraycopy(bound, 0, report, SGX_REPORTDATA, bound.length);
        QuoteWish.apply(wish.qe, report);
        return report;
    }

    private static int product(Need.Tee tee) {
        return tee == Need.Tee.TDX ? 2 : 1;
    }

    private static byte[] domain() {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN).bytes(TEE_TCB_SVN).bytes(digest384(1)).zeros(48).zeros(8)
                .u64(1L << 28)
                .u64(0xe7)
                .bytes(digest384(2))
                .zeros(3 * 48);
        IntStream.rangeClosed(3, 6).forEach(i -> writer.bytes(digest384(i)));
        byte[] reportData = new byte[64];
        Arrays.fill(reportData, (byte) 0x11);
        return writer.bytes(reportData).toByteArray();
    }

    private static byte[] digest384(int seed) {
        byte[] digest = new byte[48];
        Arrays.fill(digest, (byte) (0xd0 + seed));
        return digest;
    }

    private static byte[] point(PublicKey key) {
        ECPublicKey ec = (ECPublicKey) key;
        byte[] encoded = ec.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - 64, encoded.length);
    }

    private static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Puts a quote into a report of the Open Enclave SDK.
     *
     * @param quote the quote
     * @return the report
     */
    public static byte[] openEnclaveReport(byte[] quote) {
        return new ByteWriter(ByteOrder.LITTLE_ENDIAN).u32(1).u32(2).u64(quote.length).bytes(quote).toByteArray();
    }

    /** How an RA-TLS certificate carries its quote. */
    public enum Carrier {
        /** The interoperable form: tagged evidence with claims. */
        TAGGED_EVIDENCE("2.23.133.5.4.9"),
        /** The older form, as it was meant. */
        QUOTE("1.2.840.113741.1337.6"),
        /** The older form, as Gramine encodes it. */
        QUOTE_OF_GRAMINE("0.6.9.42.840.113741.1337.6"),
        /** The Open Enclave SDK's, over the key in DER. */
        OPEN_ENCLAVE_DER("1.3.6.1.4.1.311.105.1"),
        /** The Open Enclave SDK's, over the key in PEM. */
        OPEN_ENCLAVE_PEM("1.3.6.1.4.1.311.105.1");

        private final String oid;

        Carrier(String oid) {
            this.oid = oid;
        }
    }

    /**
     * Makes a certificate whose key an enclave had quoted.
     *
     * @param carrier how the quote is carried
     * @param quoted the key that is quoted
     * @param keys those of the certificate; the same unless it is to be wrong
     * @param change of the certificate
     * @return the certificate
     */
    public X509Certificate raTlsCertificate(
            Carrier carrier, PublicKey quoted, KeyPair keys, Consumer<Authority.Wish> change) {
        byte[] key = quoted.getEncoded();
        byte[] entry = new CborWriter().array(2).integer(1).bytes(Bytes.sha256(key).toArray()).toByteArray();
        byte[] claims = new CborWriter().map(1).text("pubkey-hash").bytes(entry).toByteArray();
        byte[] pem = ("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n\0")
                .getBytes(StandardCharsets.US_ASCII);
        Bytes bound = switch (carrier) {
            case TAGGED_EVIDENCE -> Bytes.sha256(claims);
            case QUOTE, QUOTE_OF_GRAMINE, OPEN_ENCLAVE_DER -> Bytes.sha256(key);
            case OPEN_ENCLAVE_PEM -> Bytes.sha256(pem);
        };
        byte[] quote = sgxQuote(3, wish -> wish.body(SGX_REPORTDATA, Bytes.of(Arrays.copyOf(bound.toArray(), 64))));
        byte[] value = switch (carrier) {
            case TAGGED_EVIDENCE -> new CborWriter().tag(60_000).array(2).bytes(quote).bytes(claims).toByteArray();
            case QUOTE, QUOTE_OF_GRAMINE -> quote;
            case OPEN_ENCLAVE_DER, OPEN_ENCLAVE_PEM -> openEnclaveReport(quote);
        };
        return Authority.root("CN=RA-TLS", keys, ALGORITHM, at, wish -> {
            wish.authority(Optional.empty()).usage(0).extension(carrier.oid, false, value);
            change.accept(wish);
        }).certificate();
    }

    /** {@return the platform's certificate and those above it, PEM, as quotes have it} */
    public Bytes pemChain() {
        return pem(pckCertificate, platformCa.certificate(), root.certificate());
    }

    /**
     * Certificates in PEM, one after the other.
     *
     * @param certificates in order
     * @return the text
     */
    public static Bytes pem(X509Certificate... certificates) {
        Base64.Encoder base64 = Base64.getMimeEncoder(64, new byte[] {'\n'});
        return Bytes.of(Arrays.stream(certificates)
                .map(each -> "-----BEGIN CERTIFICATE-----\n" + base64.encodeToString(Authority.der(each).toArray())
                        + "\n-----END CERTIFICATE-----\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * A level of a platform in TCB info.
     *
     * @param sgx least versions of SGX components, 16 bytes
     * @param pceSvn least version of the provisioning certification enclave
     * @param tdx least versions of TDX components, 16 bytes; written for TDX only
     * @param status its status
     * @param date its date
     * @param advisories those open at it
     */
    public record Level(Bytes sgx, int pceSvn, Bytes tdx, TcbStatus status, Instant date, List<String> advisories) {}

    /**
     * A level of an enclave or a module.
     *
     * @param isvSvn the least version
     * @param status its status
     * @param date its date
     * @param advisories those open at it
     */
    public record SvnLevel(int isvSvn, TcbStatus status, Instant date, List<String> advisories) {}

    /** What collateral is to be like. Begins right; each field can be made otherwise. Not safe for several threads. */
    public static final class JsonWish {
        private final Need.Tee tee;
        private final KeyPair right;
        private int version;
        private String id;
        private Instant issueDate;
        private Instant nextUpdate;
        private Bytes fmspc = FMSPC;
        private Bytes pceId = PCE_ID;
        private int tcbType;
        private int evaluation = EVALUATION;
        private List<Level> levels;
        private List<SvnLevel> module;
        private List<SvnLevel> qe;
        private Bytes qeSigner = QE_SIGNER;
        private String moduleId = "TDX_01";
        private String seamAttributesMask = "FFFFFFFFFFFFFFFF";
        private PrivateKey signer;
        private UnaryOperator<String> text = UnaryOperator.identity();

        private JsonWish(Need.Tee tee, int version, String id, Instant at, KeyPair signing) {
            this.tee = tee;
            this.version = version;
            this.id = id;
            this.issueDate = at.minus(Duration.ofDays(10));
            this.nextUpdate = at.plus(Duration.ofDays(20));
            this.right = signing;
            this.signer = right.getPrivate();
            this.levels = List.of(
                    new Level(COMPONENTS, PCE_SVN, Bytes.fromHex("05000300000000000000000000000000"), TcbStatus.UP_TO_DATE,
                            Instant.parse("2025-05-14T00:00:00Z"), List.of()),
                    new Level(Bytes.fromHex("04040202030100050000000000000000"), PCE_SVN,
                            Bytes.fromHex("05000300000000000000000000000000"), TcbStatus.OUT_OF_DATE,
                            Instant.parse("2024-03-13T00:00:00Z"), List.of("INTEL-SA-00001", "INTEL-SA-00002")),
                    new Level(Bytes.fromHex("02020202030100030000000000000000"), 5,
                            Bytes.fromHex("03000200000000000000000000000000"), TcbStatus.REVOKED,
                            Instant.parse("2018-01-04T00:00:00Z"), List.of("INTEL-SA-00003")));
            this.module = List.of(
                    new SvnLevel(6, TcbStatus.UP_TO_DATE, Instant.parse("2025-05-14T00:00:00Z"), List.of()),
                    new SvnLevel(4, TcbStatus.OUT_OF_DATE, Instant.parse("2024-03-13T00:00:00Z"), List.of("INTEL-SA-00004")),
                    new SvnLevel(2, TcbStatus.REVOKED, Instant.parse("2023-08-09T00:00:00Z"), List.of("INTEL-SA-00005")));
            this.qe = List.of(
                    new SvnLevel(8, TcbStatus.UP_TO_DATE, Instant.parse("2025-05-14T00:00:00Z"), List.of()),
                    new SvnLevel(6, TcbStatus.OUT_OF_DATE, Instant.parse("2021-11-10T00:00:00Z"), List.of("INTEL-SA-00006")),
                    new SvnLevel(4, TcbStatus.REVOKED, Instant.parse("2019-11-13T00:00:00Z"), List.of("INTEL-SA-00007")));
        }

        /** Another version of the form. */
        public JsonWish version(int value) {
            version = value;
            return this;
        }

        /** Another id, such as {@code TDX} or {@code TD_QE}. */
        public JsonWish id(String value) {
            id = value;
            return this;
        }

        /** Another time. */
        public JsonWish valid(Instant from, Instant until) {
            issueDate = from;
            nextUpdate = until;
            return this;
        }

        /** Another kind of platform. */
        public JsonWish fmspc(Bytes value) {
            fmspc = value;
            return this;
        }

        /** Another provisioning certification enclave. */
        public JsonWish pceId(Bytes value) {
            pceId = value;
            return this;
        }

        /** Another way to compare versions, which does not exist. */
        public JsonWish tcbType(int value) {
            tcbType = value;
            return this;
        }

        /** Another evaluation. */
        public JsonWish evaluation(int value) {
            evaluation = value;
            return this;
        }

        /** Other levels of the platform. */
        public JsonWish levels(List<Level> value) {
            levels = value;
            return this;
        }

        /** Another TDX module, and its levels. */
        public JsonWish module(String name, List<SvnLevel> value) {
            moduleId = name;
            module = value;
            return this;
        }

        /** Other bits of the module's attributes that count, in hexadecimal. */
        public JsonWish seamAttributesMask(String value) {
            seamAttributesMask = value;
            return this;
        }

        /** Other levels of the quoting enclave. */
        public JsonWish qe(List<SvnLevel> value) {
            qe = value;
            return this;
        }

        /** Another signer of the quoting enclave. */
        public JsonWish qeSigner(Bytes value) {
            qeSigner = value;
            return this;
        }

        /** A signature by another key. */
        public JsonWish signer(PrivateKey key) {
            signer = key;
            return this;
        }

        /** A change of the text before it is signed. */
        public JsonWish text(UnaryOperator<String> change) {
            text = change;
            return this;
        }

        private Bytes write(String field, String inner) {
            String signed = text.apply(inner);
            String signature = Bytes.of(sign(signer, signed.getBytes(StandardCharsets.UTF_8))).hex();
            return Bytes.of(("{\"" + field + "\":" + signed + ",\"signature\":\"" + signature + "\"}")
                    .getBytes(StandardCharsets.UTF_8));
        }

        private String tcbInfo() {
            boolean tdx = tee == Need.Tee.TDX;
            return "{" + (version == 2 ? "" : "\"id\":\"" + id + "\",") + "\"version\":" + version + dates() + ",\"fmspc\":\""
                    + fmspc.hex().toUpperCase(Locale.ROOT) + "\",\"pceId\":\"" + pceId.hex() + "\",\"tcbType\":" + tcbType
                    + ",\"tcbEvaluationDataNumber\":" + evaluation + (tdx ? modules() : "") + ",\"tcbLevels\":"
                    + levels.stream().map(this::level).collect(Collectors.joining(",", "[", "]")) + "}";
        }

        private String dates() {
            return ",\"issueDate\":\"" + issueDate + "\",\"nextUpdate\":\"" + nextUpdate + "\"";
        }

        private String modules() {
            String identity = "\"mrsigner\":\"" + "00".repeat(48)
                    + "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"" + seamAttributesMask + "\"";
            return ",\"tdxModule\":{" + identity + "},\"tdxModuleIdentities\":[{\"id\":\"" + moduleId + "\"," + identity
                    + ",\"tcbLevels\":" + svnLevels(module) + "}]";
        }

        private String level(Level level) {
            byte[] sgx = level.sgx().toArray();
            String components = version == 2
                    ? IntStream.range(0, sgx.length)
                            .mapToObj(i -> String.format(Locale.ROOT, "\"sgxtcbcomp%02dsvn\":%d", i + 1, sgx[i] & 0xff))
                            .collect(Collectors.joining(","))
                    : "\"sgxtcbcomponents\":" + components(sgx);
            String tdx = tee == Need.Tee.TDX ? ",\"tdxtcbcomponents\":" + components(level.tdx().toArray()) : "";
            return "{\"tcb\":{" + components + ",\"pcesvn\":" + level.pceSvn() + tdx + "}"
                    + status(level.status(), level.date(), level.advisories()) + "}";
        }

        private static String components(byte[] versions) {
            return IntStream.range(0, versions.length)
                    .mapToObj(i -> "{\"svn\":" + (versions[i] & 0xff) + "}")
                    .collect(Collectors.joining(",", "[", "]"));
        }

        private static String svnLevels(List<SvnLevel> levels) {
            return levels.stream()
                    .map(each -> "{\"tcb\":{\"isvsvn\":" + each.isvSvn() + "}"
                            + status(each.status(), each.date(), each.advisories()) + "}")
                    .collect(Collectors.joining(",", "[", "]"));
        }

        private static String status(TcbStatus status, Instant date, List<String> advisories) {
            String open = advisories.stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(",", "[", "]"));
            return ",\"tcbDate\":\"" + date + "\",\"tcbStatus\":\"" + status + "\""
                    + (advisories.isEmpty() ? "" : ",\"advisoryIDs\":" + open);
        }

        private String identity() {
            return "{\"id\":\"" + id + "\",\"version\":" + version + dates() + ",\"tcbEvaluationDataNumber\":" + evaluation
                    + ",\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"" + "11" + "00".repeat(15)
                    + "\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\""
                    + qeSigner.hex().toUpperCase(Locale.ROOT) + "\",\"isvprodid\":" + product(tee) + ",\"tcbLevels\":" + svnLevels(qe)
                    + "}";
        }
    }

    /**
     * TCB info for the platform's kind, as the provisioning certification service gives it.
     *
     * @param tee SGX or TDX
     * @param change of it
     * @return the JSON
     */
    public Bytes tcbInfo(Need.Tee tee, Consumer<JsonWish> change) {
        JsonWish wish = new JsonWish(tee, 3, tee.name(), at, tcbSigning);
        change.accept(wish);
        return wish.write("tcbInfo", wish.tcbInfo());
    }

    /**
     * The identity of the quoting enclave, as the provisioning certification service gives it.
     *
     * @param tee SGX or TDX
     * @param change of it
     * @return the JSON
     */
    public Bytes qeIdentity(Need.Tee tee, Consumer<JsonWish> change) {
        JsonWish wish = new JsonWish(tee, 2, tee == Need.Tee.TDX ? "TD_QE" : "QE", at, tcbSigning);
        change.accept(wish);
        return wish.write("enclaveIdentity", wish.identity());
    }

    /** {@return the issuer chain of TCB info and identities, PEM} */
    public Bytes tcbSigningChain() {
        return pem(tcbSigningCertificate, root.certificate());
    }

    /** {@return the issuer chain of the platform's certificate and its revocation list, PEM} */
    public Bytes pckIssuerChain() {
        return pem(platformCa.certificate(), root.certificate());
    }

    /** {@return an empty revocation list of the root, DER} */
    public Bytes rootCrl() {
        return crl(root);
    }

    /** {@return an empty revocation list of the Platform CA, DER} */
    public Bytes pckCrl() {
        return crl(platformCa);
    }

    /**
     * An empty revocation list.
     *
     * @param authority whose
     * @return the list, DER
     */
    public Bytes crl(Authority authority) {
        return authority.revocationList(at.minus(Duration.ofDays(10)), at.plus(Duration.ofDays(20)));
    }

    /** {@return all collateral of the platform, for SGX and TDX} */
    public List<Bytes> collateral() {
        return Stream.concat(
                        Stream.of(Need.Tee.values()).flatMap(tee -> Stream.of(tcbInfo(tee, wish -> {}), qeIdentity(tee, wish -> {}))),
                        Stream.of(tcbSigningChain(), pckIssuerChain(), rootCrl(), pckCrl(), crl(processorCa)))
                .toList();
    }

    /** {@return all collateral of the platform, for SGX and TDX} */
    public EndorsementPool endorsements() {
        return pool(collateral());
    }

    /**
     * Documents as endorsements.
     *
     * @param documents well-formed
     * @return the pool
     */
    public static EndorsementPool pool(List<Bytes> documents) {
        try {
            return EndorsementPool.of(documents);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what a quote states to have the platform's certificate looked up: type 1, the PPID in clear} */
    public static Bytes platform() {
        return Bytes.of(new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(PPID)
                .bytes(COMPONENTS)
                .u16(PCE_SVN)
                .bytes(PCE_ID)
                .toByteArray());
    }

    /** {@return as {@link #platform()}, of type 3: the PPID encrypted, which only Intel can read} */
    public static Bytes encryptedPlatform() {
        byte[] encrypted = new byte[384];
        Arrays.fill(encrypted, (byte) 0xee);
        return Bytes.of(new ByteWriter(ByteOrder.LITTLE_ENDIAN)
                .bytes(encrypted)
                .bytes(COMPONENTS)
                .u16(PCE_SVN)
                .bytes(PCE_ID)
                .toByteArray());
    }
}
