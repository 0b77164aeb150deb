package org.innerkeep.makers;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.evidence.snp.SnpReport;

/**
 * A synthetic AMD for one line of products: its root (ARK), its authorities over chips' own keys (ASK) and over keys that clouds load
 * (ASVK), a chip with its key (VCEK), a loaded key (VLEK), and firmware that reports. Its RSA keys have 2048 bits where AMD's have 4096,
 * since tests make them anew each time.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeAmd {
    /** The arc of AMD's extensions. */
    public static final String ARC = "1.3.6.1.4.1.3704.1.";

    /** How AMD signs certificates and lists. */
    public static final String ALGORITHM = "SHA384WITHRSAANDMGF1";

    /** Keys are made once: they take most of the time of a test. */
    private static final class Keys {
        static final KeyPair ASK = Authority.rsaKeys(2048);
        static final KeyPair ASVK = Authority.rsaKeys(2048);
        static final KeyPair VCEK = Authority.ecKeys("secp384r1");
        static final KeyPair VLEK = Authority.ecKeys("secp384r1");
        static final KeyPair ARK_MILAN = Authority.rsaKeys(2048);
        static final KeyPair ARK_GENOA = Authority.rsaKeys(2048);
        static final KeyPair ARK_TURIN = Authority.rsaKeys(2048);

        static KeyPair ark(SnpProduct product) {
            return switch (product) {
                case MILAN -> ARK_MILAN;
                case GENOA -> ARK_GENOA;
                case TURIN -> ARK_TURIN;
            };
        }
    }

    private final SnpProduct product;
    private final Instant at;
    private final Authority ark;
    private final Authority ask;
    private final Authority asvk;
    private final Bytes vcek;
    private final Bytes vlek;

    private FakeAmd(SnpProduct product, Instant at, Authority ark, Authority ask, Authority asvk) {
        this.product = product;
        this.at = at;
        this.ark = ark;
        this.ask = ask;
        this.asvk = asvk;
        this.vcek = certify(false, extensions(false), wish -> {});
        this.vlek = certify(true, extensions(true), wish -> {});
    }

    /**
     * Founds it.
     *
     * @param product the line
     * @param at the time around which its certificates are valid
     * @return the maker
     */
    public static FakeAmd of(SnpProduct product, Instant at) {
        Authority ark = Authority.root(name("ARK-" + product), Keys.ark(product), ALGORITHM, at);
        return new FakeAmd(
                product,
                at,
                ark,
                ark.below(name("SEV-" + product), Keys.ASK, ALGORITHM, at, wish -> wish.usage(KeyUsage.keyCertSign)),
                ark.below(name("SEV-VLEK-" + product), Keys.ASVK, ALGORITHM, at, wish -> wish.usage(KeyUsage.keyCertSign)));
    }

    /**
     * Takes other authorities.
     *
     * @param root instead of its root
     * @param other instead of those over keys, both of them
     * @return a changed copy
     */
    public FakeAmd with(Authority root, Authority other) {
        return new FakeAmd(product, at, root, other, other);
    }

    /** {@return the whole name under which AMD certifies, in the order in which AMD encodes it} */
    public static String name(String common) {
        return "OU=Engineering,C=US,L=Santa Clara,ST=CA,O=Advanced Micro Devices,CN=" + common;
    }

    /** {@return its root} */
    public Authority ark() {
        return ark;
    }

    /** {@return its authority over chips' own keys} */
    public Authority ask() {
        return ask;
    }

    /** {@return its authority over keys that clouds load} */
    public Authority asvk() {
        return asvk;
    }

    /** {@return its root as an anchor} */
    public MakerRoot root() {
        return new MakerRoot(Maker.AMD, ark.publicKey());
    }

    /** {@return a current list of the root that revokes these} */
    public Bytes revocationList(BigInteger... serials) {
        return ark.revocationList(at.minus(Duration.ofDays(1)), at.plus(Duration.ofDays(30)), serials);
    }

    /** {@return the chip's id, as long as it is on this line} */
    public Bytes hardwareId() {
        byte[] id = new byte[product.hardwareIdBytes()];
        Arrays.fill(id, (byte) 0xc1);
        return Bytes.of(id);
    }

    /** {@return the reported TCB, each component another} */
    public Bytes tcb() {
        return Bytes.fromHex(product == SnpProduct.TURIN ? "0102030400000049" : "0400000000001849");
    }

    /**
     * The extensions of a key's certificate, by object identifier after {@link #ARC}, for tests to change.
     *
     * @param vlek whether of a loaded key
     * @return a new map of their DER values
     */
    public Map<String, byte[]> extensions(boolean vlek) {
        Map<String, byte[]> extensions = new LinkedHashMap<>();
        extensions.put("1", number(product == SnpProduct.TURIN ? 1 : 0));
        extensions.put("2", text(product + (vlek || product != SnpProduct.MILAN ? "" : "-B0")));
        byte[] levels = tcb().toArray();
        for (int i = 0; i < levels.length; i++) {
            extensions.put(level(product.tcbComponents().get(i)), number(levels[i] & 0xff));
        }
        if (vlek) {
            extensions.put("5", text("CN=cloud.example"));
        } else {
            extensions.put("4", hardwareId().toArray());
        }
        return extensions;
    }

    private static String level(String component) {
        return switch (component) {
            case "bootloader" -> "3.1";
            case "tee" -> "3.2";
            case "snp" -> "3.3";
            case "spl4" -> "3.4";
            case "spl5" -> "3.5";
            case "spl6" -> "3.6";
            case "spl7" -> "3.7";
            case "microcode" -> "3.8";
            case "fmc" -> "3.9";
            default -> throw new IllegalArgumentException(component);
        };
    }

    /** {@return a DER INTEGER} */
    public static byte[] number(int value) {
        return value > 0x7f ? new byte[] {2, 2, 0, (byte) value} : new byte[] {2, 1, (byte) value};
    }

    /** {@return a DER IA5String} */
    public static byte[] text(String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        byte[] der = new byte[text.length + 2];
        der[0] = 0x16;
        der[1] = (byte) text.length;
        System.arraycopy(text, 0, der, 2, text.length);
        return der;
    }

    /** {@return the certificate of the chip's own key, DER} */
    public Bytes vcek() {
        return vcek;
    }

    /** {@return the certificate of the loaded key, DER} */
    public Bytes vlek() {
        return vlek;
    }

    /**
     * Certifies a key.
     *
     * @param vlek whether the loaded key
     * @param extensions what it says of the key
     * @param change of the certificate
     * @return the certificate, DER
     */
    public Bytes certify(boolean vlek, Map<String, byte[]> extensions, Consumer<Authority.Wish> change) {
        X509Certificate certificate = (vlek ? asvk : ask)
                .certify(name(vlek ? "SEV-VLEK" : "SEV-VCEK"), (vlek ? Keys.VLEK : Keys.VCEK).getPublic(), at, wish -> {
                    wish.usage(0).serial(BigInteger.ZERO);
                    extensions.forEach((oid, value) -> wish.extension(ARC + oid, false, value));
                    change.accept(wish);
                });
        return Authority.der(certificate);
    }

    /**
     * Makes a report.
     *
     * @param version written as it is
     * @param vlek whether the loaded key signs it
     * @param change of its bytes before it is signed, little-endian
     * @return the report, 1184 bytes
     */
    public byte[] report(int version, boolean vlek, Consumer<ByteBuffer> change) {
        ByteBuffer report = ByteBuffer.allocate(SnpReport.SIGNED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0x00, version).putInt(0x04, 7).putLong(0x08, 0x3001f).putInt(0x34, 1).putLong(0x40, 0x25);
        report.putInt(0x48, vlek ? 4 : 0);
        fill(report, 0x10, 16, 0x11);
        fill(report, 0x20, 16, 0x12);
        fill(report, 0x50, 64, 0x13);
        fill(report, 0x90, 48, 0x14);
        fill(report, 0xc0, 32, 0x15);
        fill(report, 0xe0, 48, 0x16);
        fill(report, 0x140, 32, 0x17);
        fill(report, 0x160, 32, 0xff);
        for (int place : new int[] {0x38, 0x180, 0x1e0, 0x1f0}) {
            report.put(place, tcb().toArray());
        }
        if (version >= 3) {
            report.put(0x188, switch (product) {
                case MILAN -> new byte[] {0x19, 0x01, 1};
                case GENOA -> new byte[] {0x19, 0x11, 1};
                case TURIN -> new byte[] {0x1a, 0x02, 1};
            });
        }
        if (!vlek) {
            report.put(0x1a0, hardwareId().toArray());
        }
        for (int place : new int[] {0x1e8, 0x1ec}) {
            report.put(place, new byte[] {29, 55, 1});
        }
        if (version >= 5) {
            report.putLong(0x1f8, 0x3).putLong(0x200, 0xb);
        }
        change.accept(report);
        return sign(report.array(), (vlek ? Keys.VLEK : Keys.VCEK));
    }

    private static void fill(ByteBuffer report, int offset, int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        report.put(offset, bytes);
    }

    private static byte[] sign(byte[] signed, KeyPair keys) {
        byte[] report = Arrays.copyOf(signed, SnpReport.BYTES);
        try {
            Signature signer = Signature.getInstance("SHA384withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(signed);
            ASN1Sequence numbers = ASN1Sequence.getInstance(signer.sign());
            for (int i = 0; i < 2; i++) {
                byte[] number = ASN1Integer.getInstance(numbers.getObjectAt(i)).getPositiveValue().toByteArray();
                for (int j = 0; j < number.length; j++) {
                    report[SnpReport.SIGNED_BYTES + 72 * i + j] = number[number.length - 1 - j];
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return report;
    }
}
