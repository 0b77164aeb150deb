package org.innerkeep.attestation.token;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.evidence.Bytes;

/** Certificates that a key signs for itself: of the keys that sign tokens, and of the server in a trial. */
public final class SelfSigned {
    private static final int SERIAL_BITS = 127;
    private static final Duration BACKDATED = Duration.ofHours(1);

    private SelfSigned() {}

    /**
     * The certificate of a key that signs tokens: no authority, for signatures only, {@code CN} is the issuer.
     *
     * @param issuer the {@code iss} of the tokens
     * @param keys RSA or P-256
     * @param provider which can use the private key, where it is not one of the platform's
     * @param from when it begins to be valid, an hour earlier to be sure
     * @param until when it ends
     * @param evidence tagged evidence for the key, where the service runs in a trusted execution environment
     * @param random for the serial number
     * @return the certificate
     */
    public static X509Certificate ofTokens(
            String issuer,
            KeyPair keys,
            Optional<Provider> provider,
            Instant from,
            Instant until,
            Optional<Bytes> evidence,
            SecureRandom random) {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, issuer).build();
        List<Extension> extensions = evidence
                .map(bytes -> List.of(new Extension(
                        new ASN1ObjectIdentifier(KeyEvidence.EXTENSION), false, new DEROctetString(bytes.toArray()))))
                .orElse(List.of());
        return certify(name, keys, provider, from, until, random, extensions);
    }

    /**
     * The certificate of a server on this machine, for a trial.
     *
     * @param keys P-256 or RSA
     * @param names host names and IP addresses that it is for
     * @param from when it begins to be valid, an hour earlier to be sure
     * @param until when it ends
     * @param random for the serial number
     * @return the certificate
     */
    public static X509Certificate ofTrial(KeyPair keys, List<String> names, Instant from, Instant until, SecureRandom random) {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, "Innerkeep trial").build();
        return certify(name, keys, Optional.empty(), from, until, random, List.of(alternatives(names)));
    }

    private static Extension alternatives(List<String> names) {
        GeneralName[] all = names.stream().map(SelfSigned::generalName).toArray(GeneralName[]::new);
        try {
            return new Extension(Extension.subjectAlternativeName, false, new DEROctetString(new GeneralNames(all)));
        } catch (IOException e) {
            throw new IllegalStateException("names without an encoding", e);
        }
    }

    private static X509Certificate certify(
            X500Name name,
            KeyPair keys,
            Optional<Provider> provider,
            Instant from,
            Instant until,
            SecureRandom random,
            List<Extension> extensions) {
        boolean rsa = keys.getPublic().getAlgorithm().equals("RSA");
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                    Date.from(from.minus(BACKDATED)),
                    Date.from(until),
                    name,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            for (Extension each : extensions) {
                builder.addExtension(each);
            }
            var signer = new JcaContentSignerBuilder(rsa ? "SHA256withRSA" : "SHA256withECDSA");
            provider.ifPresent(signer::setProvider);
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer.build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("the key cannot certify itself", e);
        }
    }

    private static GeneralName generalName(String name) {
        boolean address = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }
}
