package org.innerkeep.evidence.dcap;

import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.DerReader;

/**
 * What Intel certifies of a platform, as the extension 1.2.840.113741.1.13.1 of a PCK certificate says it (Intel SGX PCK Certificate
 * and Certificate Revocation List Profile Specification, section 1.3.5). Parsed and not verified.
 *
 * @param ppid the platform's provisioning id, 16 bytes
 * @param tcbComponents versions of the platform's components, 16 bytes of one version each
 * @param pceSvn version of the provisioning certification enclave, 16 bits
 * @param cpuSvn the same components in the processor's own encoding, 16 bytes
 * @param pceId id of the provisioning certification enclave, 2 bytes
 * @param fmspc family, model, stepping, platform and custom SKU, 6 bytes
 * @param sgxType 0 standard, 1 scalable, 2 scalable with integrity
 * @param platformInstanceId of a platform of several packages, 16 bytes; absent under the Processor CA
 * @param configuration of a platform of several packages; absent under the Processor CA
 */
public record PckExtension(
        Bytes ppid,
        Bytes tcbComponents,
        int pceSvn,
        Bytes cpuSvn,
        Bytes pceId,
        Bytes fmspc,
        int sgxType,
        Optional<Bytes> platformInstanceId,
        Optional<Configuration> configuration) {
    /** The extension's object identifier. */
    public static final String OID = "1.2.840.113741.1.13.1";

    private static final int BOOLEAN = 0x01;
    private static final int ENUMERATED = 0x0a;
    private static final int COMPONENTS = 16;
    private static final int MAX_FIELDS = 32;

    /**
     * How a platform of several packages is set up; a flag that the certificate does not state is absent.
     *
     * @param dynamicPlatform whether packages can be added
     * @param cachedKeys whether Intel keeps the platform's keys
     * @param smtEnabled whether two threads share a core
     */
    public record Configuration(
            Optional<Boolean> dynamicPlatform, Optional<Boolean> cachedKeys, Optional<Boolean> smtEnabled) {}

    /**
     * Finds the extension of a certificate.
     *
     * @param certificate the certificate
     * @return what it says, or nothing where it has no such extension
     * @throws MalformedException if it has and it breaks its form
     */
    public static Optional<PckExtension> of(X509Certificate certificate) throws MalformedException {
        byte[] wrapped = certificate.getExtensionValue(OID);
        if (wrapped == null) {
            return Optional.empty();
        }
        DerReader reader = new DerReader(wrapped);
        byte[] value = reader.content("SGX extension", DerReader.OCTET_STRING);
        reader.end("SGX extension");
        return Optional.of(parse(value));
    }

    /**
     * Reads the value of the extension.
     *
     * @param der hostile bytes
     * @return what it says
     * @throws MalformedException if the bytes are anything else
     */
    public static PckExtension parse(byte[] der) throws MalformedException {
        DerReader whole = new DerReader(der);
        Map<String, DerReader> fields = fields("SGX extension", whole, OID);
        whole.end("SGX extension");
        Bytes ppid = octets(fields, "1", "PPID", 16);
        Map<String, DerReader> tcb = fields("TCB", take(fields, "2", "TCB"), OID + ".2");
        byte[] components = new byte[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            String name = "TCB component " + (i + 1);
            components[i] = (byte) integer(tcb, Integer.toString(i + 1), name, 255);
        }
        int pceSvn = integer(tcb, "17", "PCESVN", 0xffff);
        Bytes cpuSvn = octets(tcb, "18", "CPUSVN", COMPONENTS);
        nothingElse("TCB", tcb);
        Bytes pceId = octets(fields, "3", "PCE-ID", 2);
        Bytes fmspc = octets(fields, "4", "FMSPC", 6);
        byte[] type = take(fields, "5", "SGX Type").content("SGX Type", ENUMERATED);
        if (type.length != 1 || type[0] < 0) {
            throw new MalformedException("SGX Type", -1, "expected one byte from 0 to 127");
        }
        Optional<Bytes> instance =
                fields.containsKey("6") ? Optional.of(octets(fields, "6", "Platform Instance ID", 16)) : Optional.empty();
        Optional<Configuration> configuration =
                fields.containsKey("7") ? Optional.of(configuration(take(fields, "7", "Configuration"))) : Optional.empty();
        nothingElse("SGX extension", fields);
        return new PckExtension(
                ppid, Bytes.of(components), pceSvn, cpuSvn, pceId, fmspc, type[0], instance, configuration);
    }

    private static Configuration configuration(DerReader reader) throws MalformedException {
        Map<String, DerReader> fields = fields("Configuration", reader, OID + ".7");
        Configuration found = new Configuration(
                flag(fields, "1", "Dynamic Platform"), flag(fields, "2", "Cached Keys"), flag(fields, "3", "SMT Enabled"));
        nothingElse("Configuration", fields);
        return found;
    }

    /** The fields of a SEQUENCE of pairs, by the last part of their object identifier; each once. */
    private static Map<String, DerReader> fields(String name, DerReader reader, String prefix) throws MalformedException {
        DerReader inner = reader.enter(name, DerReader.SEQUENCE);
        Map<String, DerReader> found = new HashMap<>();
        while (!inner.atEnd()) {
            int start = inner.offset();
            DerReader pair = inner.enter(name, DerReader.SEQUENCE);
            String oid = pair.oid(name);
            boolean known = oid.startsWith(prefix + ".") && found.size() < MAX_FIELDS;
            if (!known || found.putIfAbsent(oid.substring(prefix.length() + 1), pair) != null) {
                throw new MalformedException(name, start, "expected known fields, each once");
            }
        }
        return found;
    }

    private static DerReader take(Map<String, DerReader> fields, String id, String name) throws MalformedException {
        DerReader found = fields.remove(id);
        if (found == null) {
            throw new MalformedException(name, -1, "expected this field of the SGX extension, found none");
        }
        return found;
    }

    private static Bytes octets(Map<String, DerReader> fields, String id, String name, int length) throws MalformedException {
        DerReader reader = take(fields, id, name);
        int start = reader.offset();
        byte[] content = reader.content(name, DerReader.OCTET_STRING);
        reader.end(name);
        if (content.length != length) {
            throw new MalformedException(name, start, "expected " + length + " bytes, found " + content.length);
        }
        return Bytes.of(content);
    }

    private static int integer(Map<String, DerReader> fields, String id, String name, int most) throws MalformedException {
        DerReader reader = take(fields, id, name);
        int found = (int) reader.integer(name, 0, most);
        reader.end(name);
        return found;
    }

    private static Optional<Boolean> flag(Map<String, DerReader> fields, String id, String name) throws MalformedException {
        if (!fields.containsKey(id)) {
            return Optional.empty();
        }
        DerReader reader = take(fields, id, name);
        int start = reader.offset();
        byte[] content = reader.content(name, BOOLEAN);
        reader.end(name);
        if (content.length != 1 || (content[0] != 0 && content[0] != -1)) {
            throw new MalformedException(name, start, "expected a DER BOOLEAN");
        }
        return Optional.of(content[0] != 0);
    }

    private static void nothingElse(String name, Map<String, DerReader> left) throws MalformedException {
        if (!left.isEmpty()) {
            throw new MalformedException(name, -1, "expected known fields only, found " + left.size() + " others");
        }
    }
}
