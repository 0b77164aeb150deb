package org.innerkeep.evidence.dcap;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;

/**
 * A PCK certificate with what it says of the platform, and certificates that may stand above it. Parsed and not verified.
 *
 * @param leaf the PCK certificate
 * @param key its SubjectPublicKeyInfo, DER
 * @param extension what it says of the platform
 * @param others those that may stand above it, in no particular order
 */
record PckChain(X509Certificate leaf, Bytes key, PckExtension extension, List<X509Certificate> others) {
    private static final String ORGANIZATION = "C=US, ST=CA, L=Santa Clara, O=Intel Corporation, ";
    private static final X500Principal SUBJECT = new X500Principal(ORGANIZATION + "CN=Intel SGX PCK Certificate");
    private static final List<X500Principal> ISSUERS = List.of(
            new X500Principal(ORGANIZATION + "CN=Intel SGX PCK Platform CA"),
            new X500Principal(ORGANIZATION + "CN=Intel SGX PCK Processor CA"));

    PckChain {
        others = List.copyOf(others);
    }

    /**
     * Reads a chain in PEM, or one certificate in PEM or DER. The PCK certificate comes first by specification, and is found by what it
     * says, as some quotes have it elsewhere.
     */
    static PckChain parse(Crypto crypto, byte[] bytes) throws MalformedException {
        List<Bytes> all = bytes.length > 0 && bytes[0] == 0x30
                ? List.of(Bytes.of(bytes))
                : Certificates.ofPem("certification data", bytes);
        List<X509Certificate> certificates = new ArrayList<>();
        for (Bytes der : all) {
            certificates.add(crypto.certificate("certification data", der));
        }
        return of(certificates);
    }

    private static PckChain of(List<X509Certificate> certificates) throws MalformedException {
        List<X509Certificate> leaves = certificates.stream()
                .filter(each -> each.getExtensionValue(PckExtension.OID) != null)
                .toList();
        if (leaves.size() != 1) {
            throw new MalformedException(
                    "certification data", -1, "expected one PCK certificate, found " + leaves.size());
        }
        X509Certificate leaf = leaves.getFirst();
        return new PckChain(
                leaf,
                Bytes.of(leaf.getPublicKey().getEncoded()),
                PckExtension.of(leaf).orElseThrow(),
                certificates.stream().filter(each -> !each.equals(leaf)).toList());
    }

    /** {@return whether leaf and issuer have the names that Intel gives to PCK certificates and those who issue them} */
    boolean hasPckNames() {
        return leaf.getSubjectX500Principal().equals(SUBJECT) && ISSUERS.contains(leaf.getIssuerX500Principal());
    }
}
