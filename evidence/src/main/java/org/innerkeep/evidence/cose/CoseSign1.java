package org.innerkeep.evidence.cose;

import java.security.PrivateKey;
import java.util.Collections;
import java.util.OptionalLong;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A payload with one signature, COSE_Sign1 of RFC 9052 section 4.2, in a strict profile:
 *
 * <ul>
 *   <li>one encoding of each value (RFC 8949 section 4.2.1), so {@code parse(b).toByteArray()} equals {@code b};
 *   <li>the algorithm is ES256 and stands in the protected header;
 *   <li>the labels are those of {@link CoseHeader}, each in one header only;
 *   <li>the payload is inside, never detached.
 * </ul>
 *
 * <p>Parsing checks form only; {@link #verify} checks the signature. Immutable, safe for use by several threads.
 *
 * @param protectedHeader parameters that the signature covers, the algorithm among them
 * @param unprotectedHeader parameters that anybody on the way may have changed
 * @param payload what is signed, at most 1 MiB + 4 KiB
 * @param signature r and s, 64 bytes
 */
public record CoseSign1(CoseHeader protectedHeader, CoseHeader unprotectedHeader, Bytes payload, Bytes signature) {
    /** The most bytes of a payload: 1 MiB of content and 4 KiB for what describes it. */
    public static final int MAX_PAYLOAD_BYTES = 1024 * 1024 + 4 * 1024;

    /** A protected header that says ES256; add parameters to it. */
    public static final CoseHeader ES256 = CoseHeader.es256();

    private static final long TAG = 18;
    private static final byte TAG_BYTE = (byte) (6 << 5 | TAG);
    private static final int MAX_PROTECTED_BYTES = 1024;

    /**
     * Checks that both headers and the signature keep to the profile.
     *
     * @throws IllegalArgumentException if they do not
     */
    public CoseSign1 {
        if (!protectedHeader.algorithm().equals(OptionalLong.of(Es256.ALGORITHM))) {
            throw new IllegalArgumentException("protected header: expected algorithm ES256 (-7)");
        }
        if (!protectedHeader.onlyProtected() || !unprotectedHeader.onlyUnprotected()) {
            throw new IllegalArgumentException("headers: a label is in the wrong header");
        }
        if (!Collections.disjoint(protectedHeader.labels(), unprotectedHeader.labels())) {
            throw new IllegalArgumentException("headers: a label is in both headers");
        }
        if (payload.length() > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "payload: expected at most " + MAX_PAYLOAD_BYTES + " bytes, found " + payload.length());
        }
        if (signature.length() != P256PublicKey.SIGNATURE_LENGTH) {
            throw new IllegalArgumentException("signature: expected " + P256PublicKey.SIGNATURE_LENGTH
                    + " bytes, found " + signature.length());
        }
    }

    /**
     * Signs.
     *
     * @param protectedHeader {@link #ES256} with further parameters
     * @param unprotectedHeader parameters that are not signed
     * @param payload what is signed
     * @param externalAad further bytes that are signed and not carried (RFC 9052 section 4.3); empty for none
     * @param key a private key on P-256
     * @return the signed object
     * @throws IllegalArgumentException if the key is not on P-256 or the headers do not keep to the profile
     */
    public static CoseSign1 sign(
            CoseHeader protectedHeader, CoseHeader unprotectedHeader, Bytes payload, Bytes externalAad, PrivateKey key) {
        byte[] signature = Es256.sign(key, toBeSigned(protectedHeader, externalAad, payload));
        return new CoseSign1(protectedHeader, unprotectedHeader, payload, Bytes.of(signature));
    }

    /**
     * Tells by the first byte alone whether bytes want to be read as the tagged form.
     *
     * @param bytes hostile bytes
     * @return whether the COSE_Sign1 tag comes first
     */
    public static boolean looksLike(byte[] bytes) {
        return bytes.length > 0 && bytes[0] == TAG_BYTE;
    }

    /**
     * Reads the tagged form, the one that {@link #toByteArray} writes.
     *
     * @param encoded hostile bytes
     * @return the object, whose signature is not yet verified
     * @throws MalformedException if the bytes are anything else
     */
    public static CoseSign1 parse(byte[] encoded) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        reader.tag("COSE_Sign1", TAG);
        return parse(reader);
    }

    /**
     * Reads the form without a tag, for documents that are known to be COSE_Sign1 from where they stand (RFC 9052
     * section 2).
     *
     * @param encoded hostile bytes
     * @return the object, whose signature is not yet verified
     * @throws MalformedException if the bytes are anything else
     */
    public static CoseSign1 parseUntagged(byte[] encoded) throws MalformedException {
        return parse(new CborReader(encoded));
    }

    private static CoseSign1 parse(CborReader reader) throws MalformedException {
        reader.arrayOf("COSE_Sign1", 4);
        int start = reader.offset();
        CoseHeader protectedHeader = CoseHeader.parseProtected(reader.bytes("protected header", 1, MAX_PROTECTED_BYTES));
        // RFC 9052 section 3.1: the algorithm must be authenticated where it can be. In the unprotected header it is not.
        if (!protectedHeader.algorithm().equals(OptionalLong.of(Es256.ALGORITHM))) {
            throw new MalformedException("protected header", start, "expected algorithm ES256 (-7), found another or none");
        }
        start = reader.offset();
        CoseHeader unprotectedHeader = CoseHeader.parseUnprotected(reader);
        if (!Collections.disjoint(protectedHeader.labels(), unprotectedHeader.labels())) {
            throw new MalformedException("unprotected header", start, "has a label that the protected header has too");
        }
        byte[] payload = reader.bytes("payload", 0, MAX_PAYLOAD_BYTES);
        byte[] signature =
                reader.bytes("signature", P256PublicKey.SIGNATURE_LENGTH, P256PublicKey.SIGNATURE_LENGTH);
        reader.end("COSE_Sign1");
        return new CoseSign1(protectedHeader, unprotectedHeader, Bytes.of(payload), Bytes.of(signature));
    }

    /** {@return the tagged encoding} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().tag(TAG).array(4).bytes(protectedHeader.toByteArray());
        unprotectedHeader.write(writer);
        return writer.bytes(payload.toArray()).bytes(signature.toArray()).toByteArray();
    }

    /**
     * Verifies the signature where nothing external was signed.
     *
     * @param key the key that should have signed
     * @return whether it did
     */
    public boolean verify(P256PublicKey key) {
        return verify(key, Bytes.EMPTY);
    }

    /**
     * Verifies the signature (RFC 9052 section 4.4).
     *
     * @param key the key that should have signed
     * @param externalAad the bytes that were signed and are not carried
     * @return whether that key signed the protected header, these bytes and the payload
     */
    public boolean verify(P256PublicKey key, Bytes externalAad) {
        return key.verify(toBeSigned(protectedHeader, externalAad, payload), signature.toArray());
    }

    /** Sig_structure of RFC 9052 section 4.4. */
    private static byte[] toBeSigned(CoseHeader protectedHeader, Bytes externalAad, Bytes payload) {
        return new CborWriter()
                .array(4)
                .text("Signature1")
                .bytes(protectedHeader.toByteArray())
                .bytes(externalAad.toArray())
                .bytes(payload.toArray())
                .toByteArray();
    }
}
