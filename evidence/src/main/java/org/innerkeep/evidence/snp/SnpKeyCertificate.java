package org.innerkeep.evidence.snp;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.DerReader;

/**
 * The certificate of a key that signs reports, with what AMD's extensions say of it (AMD document 57230, "VCEK Certificate and KDS
 * Interface Specification"). The extensions are read strictly, and nothing is verified.
 *
 * @param certificate the certificate
 * @param vlek whether a cloud loaded the key (VLEK), else it is the chip's own (VCEK)
 * @param structVersion of the extensions, 0 to 255
 * @param productName the line, and the stepping where it is there
 * @param product the line that the name is of
 * @param tcb the TCB version that the key is of
 * @param hardwareId of a chip's own key, 64 bytes or 8 as its line has it
 * @param cspId of a loaded key: names the cloud
 * @param publicKey SubjectPublicKeyInfo, DER
 * @param expectedIssuer the name of the authority that certifies keys of this kind and line
 * @param expectedRoot the name of the root of this line
 */
record SnpKeyCertificate(
        X509Certificate certificate,
        boolean vlek,
        int structVersion,
        String productName,
        SnpProduct product,
        SnpTcb tcb,
        Optional<Bytes> hardwareId,
        Optional<String> cspId,
        Bytes publicKey,
        X500Principal expectedIssuer,
        X500Principal expectedRoot) {
    private static final String ARC = "1.3.6.1.4.1.3704.1.";
    private static final int IA5_STRING = 0x16;
    private static final int MAX_TEXT = 256;

    /** {@return the whole name under which AMD certifies} */
    static X500Principal name(String common) {
        return new X500Principal("CN=" + common + ", O=Advanced Micro Devices, ST=CA, L=Santa Clara, C=US, OU=Engineering");
    }

    /** The subject of every certificate of a chip's own key. */
    static final X500Principal VCEK = name("SEV-VCEK");

    /** The subject of every certificate of a key that a cloud loaded. */
    static final X500Principal VLEK = name("SEV-VLEK");

    /**
     * Reads the extensions.
     *
     * @param certificate hostile
     * @return what they say
     * @throws MalformedException if one that its kind must have is missing or breaks its form, or one is there that it must not have
     */
    static SnpKeyCertificate of(X509Certificate certificate) throws MalformedException {
        boolean vlek = certificate.getSubjectX500Principal().equals(VLEK);
        if (!vlek && !certificate.getSubjectX500Principal().equals(VCEK)) {
            throw new MalformedException("subject", -1, "expected AMD's SEV-VCEK or SEV-VLEK, found another");
        }
        int structVersion = number(certificate, "struct version", "1");
        String name = text("product name", extension(certificate, "product name", "2"));
        SnpProduct product = SnpProduct.ofName(name)
                .orElseThrow(() -> new MalformedException("product name", -1, "expected Milan, Genoa or Turin, found another"));
        byte[] levels = new byte[SnpTcb.BYTES];
        for (int i = 0; i < levels.length; i++) {
            String component = product.tcbComponents().get(i);
            levels[i] = (byte) number(certificate, component, level(component));
        }
        Optional<Bytes> hardwareId = Optional.empty();
        Optional<String> cspId = Optional.empty();
        if (vlek) {
            absent(certificate, "hwID", "4");
            cspId = Optional.of(text("CSP id", extension(certificate, "CSP id", "5")));
        } else {
            absent(certificate, "CSP id", "5");
            hardwareId = Optional.of(hardwareId(extension(certificate, "hwID", "4"), product.hardwareIdBytes()));
        }
        return new SnpKeyCertificate(
                certificate,
                vlek,
                structVersion,
                name,
                product,
                new SnpTcb(Bytes.of(levels)),
                hardwareId,
                cspId,
                Bytes.of(certificate.getPublicKey().getEncoded()),
                name((vlek ? "SEV-VLEK-" : "SEV-") + product),
                name("ARK-" + product));
    }

    /** The extension of a component of the TCB. */
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

    private static void absent(X509Certificate certificate, String field, String oid) throws MalformedException {
        if (certificate.getExtensionValue(ARC + oid) != null) {
            throw new MalformedException(field, -1, "expected no such extension in a certificate of this kind");
        }
    }

    private static byte[] extension(X509Certificate certificate, String field, String oid) throws MalformedException {
        byte[] wrapped = certificate.getExtensionValue(ARC + oid);
        if (wrapped == null) {
            throw new MalformedException(field, -1, "expected the extension " + ARC + oid + ", found none");
        }
        DerReader reader = new DerReader(wrapped);
        byte[] value = reader.content(field, DerReader.OCTET_STRING);
        reader.end(field);
        return value;
    }

    private static int number(X509Certificate certificate, String field, String oid) throws MalformedException {
        DerReader reader = new DerReader(extension(certificate, field, oid));
        int value = (int) reader.integer(field, 0, 255);
        reader.end(field);
        return value;
    }

    private static String text(String field, byte[] extension) throws MalformedException {
        DerReader reader = new DerReader(extension);
        byte[] text = reader.content(field, IA5_STRING);
        reader.end(field);
        if (text.length == 0 || text.length > MAX_TEXT) {
            throw new MalformedException(field, -1, "expected 1 to " + MAX_TEXT + " characters, found " + text.length);
        }
        for (byte each : text) {
            if (each < ' ' || each > '~') {
                throw new MalformedException(field, -1, "expected printable ASCII, found another character");
            }
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** AMD's service gives the id as it is, where DER would have an OCTET STRING around it; both are read, told apart by length. */
    private static Bytes hardwareId(byte[] extension, int length) throws MalformedException {
        if (extension.length == length) {
            return Bytes.of(extension);
        }
        DerReader reader = new DerReader(extension);
        byte[] id = reader.content("hwID", DerReader.OCTET_STRING);
        reader.end("hwID");
        if (id.length != length) {
            throw new MalformedException("hwID", -1, "expected " + length + " bytes, found " + id.length);
        }
        return Bytes.of(id);
    }
}
