package org.innerkeep.channel.session;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The value of the extension <i>tcg-dice-TaggedEvidence</i> (TCG DICE Attestation Architecture), in the form agreed for
 * interoperable RA-TLS by the Confidential Computing Consortium:
 *
 * <pre>
 * 60000([ evidence: bstr, claims: bstr ])
 * claims  = encoded { "pubkey-hash": bstr }
 * pubkey-hash = encoded [ 1, SHA-256 of the SubjectPublicKeyInfo: bstr ]
 * </pre>
 *
 * The evidence's report data is SHA-256 of the encoded claims. This is the subset of that agreement which we write: one
 * claim, one hash. Its optional claim {@code nonce} stands for freshness within a handshake, which a certificate made
 * once cannot have; it and other hash algorithms are refused rather than ignored.
 *
 * @param evidence 1 to {@value #MAX_EVIDENCE_BYTES} bytes
 * @param publicKeyHash SHA-256 of the SubjectPublicKeyInfo that the evidence speaks for, 32 bytes
 */
record TaggedEvidence(Bytes evidence, Bytes publicKeyHash) {
    /**
     * What fits, with the rest of a certificate, into the 32 KiB that JSSE accepts as one handshake message
     * ({@code jdk.tls.maxHandshakeMessageSize}). SGX, TDX and SEV-SNP evidence with certificates takes 5 to 10 KiB.
     */
    static final int MAX_EVIDENCE_BYTES = 28 * 1024;

    private static final int TAG = 60000;
    private static final String PUBLIC_KEY_HASH = "pubkey-hash";
    /** In the IANA registry "Named Information Hash Algorithm". */
    private static final int SHA_256 = 1;

    TaggedEvidence {
        if (evidence.length() == 0 || evidence.length() > MAX_EVIDENCE_BYTES) {
            throw new IllegalArgumentException("evidence of a certificate: expected 1 to " + MAX_EVIDENCE_BYTES
                    + " bytes, found " + evidence.length());
        }
        if (publicKeyHash.length() != 32) {
            throw new IllegalArgumentException(
                    PUBLIC_KEY_HASH + ": expected 32 bytes, found " + publicKeyHash.length());
        }
    }

    /** {@return the encoded claims for a key, given SHA-256 of its SubjectPublicKeyInfo} */
    static byte[] claims(Bytes publicKeyHash) {
        byte[] entry = new CborWriter().array(2).integer(SHA_256).bytes(publicKeyHash.toArray()).toByteArray();
        return new CborWriter().map(1).text(PUBLIC_KEY_HASH).bytes(entry).toByteArray();
    }

    /** {@return the encoded claims} */
    byte[] claims() {
        return claims(publicKeyHash);
    }

    byte[] write() {
        return new CborWriter().tag(TAG).array(2).bytes(evidence.toArray()).bytes(claims()).toByteArray();
    }

    /** Reads what {@link #write} writes and nothing else. */
    static TaggedEvidence parse(byte[] value) throws MalformedException {
        CborReader reader = new CborReader(value);
        reader.tag("tagged-evidence", TAG);
        reader.arrayOf("tagged-evidence", 2);
        byte[] evidence = reader.bytes("evidence", 1, MAX_EVIDENCE_BYTES);
        byte[] claims = reader.bytes("claims", 1, 128);
        reader.end("tagged-evidence");
        return new TaggedEvidence(Bytes.of(evidence), publicKeyHash(claims));
    }

    private static Bytes publicKeyHash(byte[] claims) throws MalformedException {
        CborReader reader = new CborReader(claims);
        reader.map("claims", 1, 1);
        int at = reader.offset();
        if (!reader.text("claims", 32).equals(PUBLIC_KEY_HASH)) {
            throw new MalformedException("claims", at, "expected the only claim " + PUBLIC_KEY_HASH + ", found another");
        }
        byte[] encoded = reader.bytes(PUBLIC_KEY_HASH, 1, 64);
        reader.end("claims");
        CborReader entry = new CborReader(encoded);
        entry.arrayOf(PUBLIC_KEY_HASH, 2);
        entry.integer("hash-alg-id", SHA_256, SHA_256);
        byte[] hash = entry.bytes("hash-value", 32, 32);
        entry.end(PUBLIC_KEY_HASH);
        return Bytes.of(hash);
    }
}
