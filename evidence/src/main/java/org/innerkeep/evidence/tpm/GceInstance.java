package org.innerkeep.evidence.tpm;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.DerReader;

/**
 * Which virtual machine of Google Compute Engine a TPM belongs to: the extension 1.3.6.1.4.1.11129.2.1.21 of the certificates of its
 * keys. Worth as much as the certificate that it stands in.
 *
 * @param zone such as {@code us-central1-a}
 * @param projectNumber unsigned
 * @param projectId such as {@code my-project}
 * @param instanceId unsigned
 * @param instanceName the machine's name
 * @param production whether the certificate is of Google's production, where it says so
 */
public record GceInstance(
        String zone, long projectNumber, String projectId, long instanceId, String instanceName, Optional<Boolean> production) {
    /** The extension's object identifier. */
    public static final String OID = "1.3.6.1.4.1.11129.2.1.21";

    private static final int UTF8_STRING = 0x0c;
    private static final int BOOLEAN = 0x01;
    private static final int MAX_TEXT = 256;
    private static final int MAX_PROPERTIES = 16;

    /**
     * Finds the extension in a certificate.
     *
     * @param certificate any
     * @return what it says, or nothing where the certificate has no such extension
     * @throws MalformedException if the extension breaks its form
     */
    public static Optional<GceInstance> of(X509Certificate certificate) throws MalformedException {
        byte[] wrapped = certificate.getExtensionValue(OID);
        if (wrapped == null) {
            return Optional.empty();
        }
        DerReader outer = new DerReader(wrapped);
        byte[] value = outer.content("extension", DerReader.OCTET_STRING);
        outer.end("extension");
        return Optional.of(parse(value));
    }

    /**
     * Reads the extension's value.
     *
     * @param der hostile bytes
     * @return what it says
     * @throws MalformedException if they are anything else
     */
    public static GceInstance parse(byte[] der) throws MalformedException {
        DerReader whole = new DerReader(der);
        DerReader fields = whole.enter("instance", DerReader.SEQUENCE);
        whole.end("instance");
        String zone = text(fields, "zone");
        long projectNumber = unsigned(fields, "project number");
        String projectId = text(fields, "project id");
        long instanceId = unsigned(fields, "instance id");
        String instanceName = text(fields, "instance name");
        Optional<Boolean> production = Optional.empty();
        if (!fields.atEnd()) {
            production = production(fields);
        }
        fields.end("instance");
        return new GceInstance(zone, projectNumber, projectId, instanceId, instanceName, production);
    }

    /** Security properties: [0] a version, [1] whether of production, and further ones whose meaning is not published. */
    private static Optional<Boolean> production(DerReader fields) throws MalformedException {
        DerReader tagged = fields.enter("security properties", 0xa0);
        DerReader properties = tagged.enter("security properties", DerReader.SEQUENCE);
        tagged.end("security properties");
        Optional<Boolean> production = Optional.empty();
        int last = -1;
        while (!properties.atEnd()) {
            int at = properties.offset();
            int tag = properties.peek() - 0xa0;
            if (tag <= last || tag >= MAX_PROPERTIES) {
                throw new MalformedException("security properties", at, "expected properties by ascending numbers");
            }
            last = tag;
            DerReader property = properties.enter("security property", 0xa0 + tag);
            if (tag == 0) {
                property.integer("security version", 0, Integer.MAX_VALUE);
            } else {
                boolean value = bool(property);
                production = tag == 1 ? Optional.of(value) : production;
            }
            property.end("security property");
        }
        return production;
    }

    private static boolean bool(DerReader reader) throws MalformedException {
        int at = reader.offset();
        byte[] content = reader.content("security property", BOOLEAN);
        if (content.length != 1 || content[0] != 0 && content[0] != -1) {
            throw new MalformedException("security property", at, "expected a boolean in DER");
        }
        return content[0] != 0;
    }

    private static String text(DerReader reader, String field) throws MalformedException {
        int at = reader.offset();
        byte[] content = reader.content(field, UTF8_STRING);
        if (content.length > MAX_TEXT) {
            throw new MalformedException(field, at, "expected at most " + MAX_TEXT + " bytes, found " + content.length);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException(field, at, "expected UTF-8, found other bytes");
        }
    }

    private static long unsigned(DerReader reader, String field) throws MalformedException {
        int at = reader.offset();
        byte[] content = reader.content(field, DerReader.INTEGER);
        boolean shortest = content.length > 0 && content[0] >= 0 && (content.length == 1 || content[0] != 0 || content[1] < 0);
        if (!shortest || new BigInteger(content).bitLength() > 64) {
            throw new MalformedException(field, at, "expected a number of at most 64 bits in its shortest form");
        }
        return new BigInteger(content).longValue();
    }

    /** {@return what it says as claims} */
    Map<String, ClaimValue> claims() {
        Map<String, ClaimValue> claims = new TreeMap<>(Map.of(
                "gce-zone", ClaimValue.of(zone),
                "gce-project-number", ClaimValue.of(Long.toUnsignedString(projectNumber)),
                "gce-project-id", ClaimValue.of(projectId),
                "gce-instance-id", ClaimValue.of(Long.toUnsignedString(instanceId)),
                "gce-instance-name", ClaimValue.of(instanceName)));
        production.ifPresent(value -> claims.put("gce-production", ClaimValue.of(value)));
        return claims;
    }
}
