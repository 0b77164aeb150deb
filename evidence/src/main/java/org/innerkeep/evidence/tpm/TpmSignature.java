package org.innerkeep.evidence.tpm;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Curve;

/**
 * A signature of a TPM: TPMT_SIGNATURE (TPM 2.0 Library, Part 2, 11.3.4), big-endian.
 *
 * @param scheme how it was made
 * @param hash the hash algorithm that it was made with, which is also that of the PCR digest of a quote
 * @param first the RSA signature, or r of ECDSA; 1 to 1024 bytes, big-endian
 * @param second s of ECDSA, else empty
 */
public record TpmSignature(Scheme scheme, TpmHash hash, Bytes first, Bytes second) {
    private static final int MAX_RSA = 1024;
    private static final int MAX_EC = 66;

    /** Signature schemes by their TPM_ALG_ID. */
    public enum Scheme {
        /** RSASSA-PKCS1-v1_5. */
        RSASSA(0x0014),
        /** RSASSA-PSS. */
        RSAPSS(0x0016),
        /** ECDSA. */
        ECDSA(0x0018);

        private final int id;

        Scheme(int id) {
            this.id = id;
        }

        /** {@return its identifier, TPM_ALG_ID} */
        public int id() {
            return id;
        }

        static Optional<Scheme> of(int id) {
            return Arrays.stream(values()).filter(each -> each.id == id).findFirst();
        }
    }

    /**
     * Reads a signature.
     *
     * @param bytes hostile bytes
     * @return the signature
     * @throws MalformedException if they are anything else
     */
    public static TpmSignature parse(byte[] bytes) throws MalformedException {
        ByteReader reader = new ByteReader(bytes, ByteOrder.BIG_ENDIAN);
        int id = reader.u16("sigAlg");
        Scheme scheme = Scheme.of(id).orElseThrow(() -> new MalformedException(
                "sigAlg", 0, String.format("expected the scheme RSASSA, RSAPSS or ECDSA, found 0x%04x", id)));
        TpmHash hash = TpmHash.parse("hash", 2, reader.u16("hash"));
        boolean curve = scheme == Scheme.ECDSA;
        Bytes first = TpmQuote.sized(reader, curve ? "signatureR" : "sig", curve ? MAX_EC : MAX_RSA);
        Bytes second = curve ? TpmQuote.sized(reader, "signatureS", MAX_EC) : Bytes.EMPTY;
        reader.end("TPMT_SIGNATURE");
        if (first.length() == 0 || curve && second.length() == 0) {
            throw new MalformedException("signature", 4, "expected a signature, found none");
        }
        return new TpmSignature(scheme, hash, first, second);
    }

    /**
     * Reads a signature of a known key: a TPMT_SIGNATURE, or the bare RSA signature that some tools and clouds give, which is as long
     * as the key. That one is RSASSA-PKCS1-v1_5 with SHA-256, or of the scheme that is fixed in the key.
     *
     * @param bytes hostile bytes
     * @param key of the attestation key
     * @param template its public area, where it is known
     * @return the signature
     * @throws MalformedException if they are anything else
     */
    static TpmSignature parse(byte[] bytes, PublicKey key, Optional<TpmPublic> template) throws MalformedException {
        if (key instanceof RSAPublicKey rsa && bytes.length == (rsa.getModulus().bitLength() + 7) / 8) {
            Scheme scheme = template.flatMap(each -> Scheme.of(each.scheme().algorithm())).orElse(Scheme.RSASSA);
            TpmHash hash = template.flatMap(each -> TpmHash.of(each.scheme().hash())).orElse(TpmHash.SHA256);
            return new TpmSignature(scheme, hash, Bytes.of(bytes), Bytes.EMPTY);
        }
        return parse(bytes);
    }

    /**
     * Verifies the signature.
     *
     * @param crypto for signatures
     * @param key the attestation key
     * @param message what was signed
     * @return whether that key signed that message
     */
    boolean verifies(Crypto crypto, PublicKey key, byte[] message) {
        return switch (scheme) {
            case RSASSA -> crypto.verifyPkcs1(hash.jcaName(), key, message, first.toArray());
            case RSAPSS -> crypto.verifyPss(hash.jcaName(), hash.length(), key, message, first.toArray())
                    // TPMs salt as long as the hash where they follow FIPS 186-5, else as long as the key has room for.
                    || key instanceof RSAPublicKey rsa
                            && crypto.verifyPss(hash.jcaName(), mostSalt(rsa.getModulus()), key, message, first.toArray());
            case ECDSA -> Curve.of(key)
                    .filter(curve -> first.length() <= curve.length() && second.length() <= curve.length())
                    .map(curve -> crypto.verifyEcdsa(hash.jcaName(), curve, key, message, fixedWidth(curve.length())))
                    .orElse(false);
        };
    }

    private int mostSalt(BigInteger modulus) {
        return Math.max(0, (modulus.bitLength() - 1 + 7) / 8 - hash.length() - 2);
    }

    private byte[] fixedWidth(int length) {
        byte[] both = new byte[2 * length];
        System.arraycopy(first.toArray(), 0, both, length - first.length(), first.length());
        System.arraycopy(second.toArray(), 0, both, 2 * length - second.length(), second.length());
        return both;
    }

    /** {@return its bytes, TPMT_SIGNATURE} */
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.BIG_ENDIAN).u16(scheme.id()).u16(hash.id());
        TpmQuote.sized(writer, first);
        if (scheme == Scheme.ECDSA) {
            TpmQuote.sized(writer, second);
        }
        return writer.toByteArray();
    }
}
