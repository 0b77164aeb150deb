package org.innerkeep.makers;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.internal.ByteWriter;
import org.innerkeep.evidence.nvidia.NvidiaReport;

/**
 * A synthetic NVIDIA: its root, the authorities of a model and of a factory, the boot code of one device, and the firmware that
 * reports, five certificates in all.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeNvidia {
    private static final String ALGORITHM = "SHA384withECDSA";
    private static final int SIGNATURE_BYTES = 96;

    private final Instant at;
    private final Authority root;
    private final Authority model;
    private final Authority factory;
    private final Authority boot;
    private final KeyPair keys = Authority.ecKeys("secp384r1");

    /**
     * Founds it.
     *
     * @param at the time around which its certificates are valid
     */
    public FakeNvidia(Instant at) {
        this.at = at;
        this.root = Authority.root("CN=NVIDIA Device Identity CA,O=NVIDIA", Authority.ecKeys("secp384r1"), ALGORITHM, at);
        this.model = below(root, "CN=NVIDIA GX100 Identity,O=NVIDIA Corporation");
        this.factory = below(model, "CN=NVIDIA GX100 Provisioner ICA 1,O=NVIDIA Corporation,C=US");
        this.boot = below(factory, "CN=GX100 A01 GSP BROM,O=NVIDIA Corporation,C=US");
    }

    private Authority below(Authority issuer, String name) {
        return issuer.below(name, Authority.ecKeys("secp384r1"), ALGORITHM, at, wish -> wish.authority(Optional.of(-1)));
    }

    /** {@return its root as an anchor} */
    public MakerRoot anchor() {
        return new MakerRoot(Maker.NVIDIA, root.publicKey());
    }

    /** {@return the authority over the firmware's keys} */
    public Authority boot() {
        return boot;
    }

    /** {@return the digest of the firmware} */
    public static Bytes firmwareId() {
        return Bytes.fromHex("f1".repeat(48));
    }

    /**
     * Certifies the firmware's key.
     *
     * @param change of the certificate, which has no firmware id of itself
     * @return the certificate, DER
     */
    public Bytes leaf(Consumer<Authority.Wish> change) {
        return Authority.der(boot.certify("CN=GX100 A01 GSP FMC LF,O=NVIDIA Corporation,C=US", keys.getPublic(), at, change));
    }

    /** Adds the firmware id to a certificate in the form of the first devices, a composite device id. */
    public void compositeId(Authority.Wish wish) {
        wish.extension("2.23.133.5.4.1", false, der(0x30, der(2, new byte[] {1}), keys.getPublic().getEncoded(), id(firmwareId())));
    }

    /** Adds the firmware id to a certificate in the form of later devices, TCB info. */
    public static void tcbInfo(Authority.Wish wish) {
        wish.extension("2.23.133.5.4.1.1", false, der(0x30, der(0x80, "NVIDIA".getBytes(StandardCharsets.US_ASCII)),
                der(0xa6, id(firmwareId()), id(Bytes.of(new byte[48])))));
    }

    private static byte[] id(Bytes digest) {
        return der(0x30, der(6, Bytes.fromHex("608648016503040202").toArray()), der(4, digest.toArray()));
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteWriter writer = new ByteWriter(ByteOrder.BIG_ENDIAN).u8(tag);
        if (length >= 0x100) {
            writer.u8(0x82).u16(length);
        } else if (length >= 0x80) {
            writer.u8(0x81).u8(length);
        } else {
            writer.u8(length);
        }
        for (byte[] part : parts) {
            writer.bytes(part);
        }
        return writer.toByteArray();
    }

    /** {@return the chain in PEM, from this leaf to the root} */
    public Bytes chain(Bytes leaf) {
        StringBuilder pem = new StringBuilder();
        for (Bytes each : List.of(leaf, boot.der(), factory.der(), model.der(), root.der())) {
            pem.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(each.toArray()))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return Bytes.of(pem.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** {@return a report that is not signed yet, with the firmware's id among its fields} */
    public static NvidiaReport unsigned() {
        Map<Integer, NvidiaReport.Measured> measurements = new TreeMap<>();
        for (int i = 1; i <= 8; i++) {
            measurements.put(i, new NvidiaReport.Measured(1, Bytes.fromHex("0" + i + "00".repeat(47))));
        }
        Map<Integer, Bytes> opaque = new LinkedHashMap<>();
        opaque.put(NvidiaReport.VBIOS_VERSION, Bytes.fromHex("005e009601000000"));
        opaque.put(NvidiaReport.DRIVER_VERSION, Bytes.fromHex("3539302e313200"));
        opaque.put(NvidiaReport.FIRMWARE_ID, firmwareId());
        return new NvidiaReport(Bytes.fromHex("a1".repeat(32)), 0, measurements, Bytes.fromHex("b2".repeat(32)), opaque,
                Bytes.of(new byte[SIGNATURE_BYTES]));
    }

    /**
     * Signs a report.
     *
     * @param report its bytes, of which the last 96 are overwritten
     * @return the signed report
     */
    public byte[] sign(byte[] report) {
        byte[] signed = report.clone();
        int end = signed.length - SIGNATURE_BYTES;
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(keys.getPrivate());
            signer.update(signed, 0, end);
            ASN1Sequence numbers = ASN1Sequence.getInstance(signer.sign());
            for (int i = 0; i < 2; i++) {
                byte[] number = ASN1Integer.getInstance(numbers.getObjectAt(i)).getPositiveValue().toByteArray();
                for (int j = 0; j < 48; j++) {
                    int from = number.length - 48 + j;
                    signed[end + 48 * i + j] = from < 0 ? 0 : number[from];
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return signed;
    }
}
