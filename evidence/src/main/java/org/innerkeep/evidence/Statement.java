package org.innerkeep.evidence;

import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Set;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * What an enclave states, for anyone to verify later without it: content under a purpose, signed by a key made inside the
 * enclave, with evidence that this enclave had exactly this key sign exactly this payload.
 *
 * <p>A COSE_Sign1 (see {@link CoseSign1}) whose payload is an Entity Attestation Token (RFC 9711) of the profile
 * {@value #PROFILE}. The protected header carries the signer's key, so that the signature covers it; the unprotected one
 * carries the evidence. That needs no cover by this signature: it has the platform's own, and its report data covers the
 * key and the payload. Were it signed as well, nothing more would be proven.
 *
 * <p>To rely on a statement all of these must hold, and parsing decides none of them: {@link #signatureValid()};
 * {@link #evidence()} is accepted by a {@link Verifier} and then by the relying party's appraisal; its report data equals
 * {@link #expectedReportData()}; {@link #purpose()} is the one expected.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class Statement {
    /** The value of the claim {@code eat_profile}, a tag URI (RFC 4151). */
    public static final String PROFILE = "tag:innerkeep.org,2026:statement/1";

    /** Claim key of the purpose, text. */
    public static final long CLAIM_PURPOSE = -66101;

    /** Claim key of the content, a byte string. */
    public static final long CLAIM_CONTENT = -66102;

    /** The most characters of a purpose. */
    public static final int MAX_PURPOSE_LENGTH = 128;

    /** The most bytes of content. */
    public static final int MAX_CONTENT_BYTES = 1024 * 1024;

    private static final int CLAIMS = 3;

    private final CoseSign1 envelope;
    private final Unsigned claims;
    private final P256PublicKey signer;
    private final Bytes evidence;

    private Statement(CoseSign1 envelope, Unsigned claims, P256PublicKey signer, Bytes evidence) {
        this.envelope = envelope;
        this.claims = claims;
        this.signer = signer;
        this.evidence = evidence;
    }

    /**
     * A statement to be made. First have {@link #reportData} attested, then {@link #sign}.
     *
     * @param purpose what the content is for, so that a statement made for one use is not taken for another; 1 to 128
     *     printable ASCII characters, as a purpose is compared and must not look like another
     * @param content what is stated, at most 1 MiB
     */
    public record Unsigned(String purpose, Bytes content) {
        /**
         * Checks both.
         *
         * @throws IllegalArgumentException if the purpose or the content is not within its bounds
         */
        public Unsigned {
            if (!isPurpose(purpose)) {
                throw new IllegalArgumentException(
                        "purpose: expected 1 to " + MAX_PURPOSE_LENGTH + " printable ASCII characters");
            }
            if (content.length() > MAX_CONTENT_BYTES) {
                throw new IllegalArgumentException("content: expected at most " + MAX_CONTENT_BYTES
                        + " bytes, found " + content.length() + "; state a digest of it instead");
            }
        }

        /** {@return the payload that is attested and signed} */
        public byte[] payload() {
            return new CborWriter()
                    .map(CLAIMS)
                    .integer(Eat.PROFILE).text(PROFILE)
                    .integer(CLAIM_PURPOSE).text(purpose)
                    .integer(CLAIM_CONTENT).bytes(content.toArray())
                    .toByteArray();
        }

        /**
         * What the platform must attest before signing.
         *
         * @param signer the public key that belongs to the signing key, P-256
         * @return 64 bytes, a new array
         * @throws IllegalArgumentException if the key is not on P-256
         */
        public byte[] reportData(PublicKey signer) {
            return Statement.reportData(P256PublicKey.of(signer), payload());
        }

        /**
         * Signs.
         *
         * @param key the private key, P-256; made inside the enclave
         * @param signer the public key that belongs to it
         * @param evidence evidence whose report data is {@link #reportData}; 1 byte to 64 KiB
         * @return the statement's bytes
         * @throws IllegalArgumentException if a key is not on P-256 or the evidence has another size
         */
        public byte[] sign(PrivateKey key, PublicKey signer, byte[] evidence) {
            return CoseSign1.sign(
                            CoseSign1.ES256.withSignerKey(P256PublicKey.of(signer)),
                            CoseHeader.EMPTY.withEvidence(Bytes.of(evidence)),
                            Bytes.of(payload()),
                            Bytes.EMPTY,
                            key)
                    .toByteArray();
        }
    }

    /**
     * Reads a statement. Checks form only, except that the signer's key is a point on its curve.
     *
     * @param statement hostile bytes
     * @return the statement, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Statement parse(byte[] statement) throws MalformedException {
        CoseSign1 envelope = CoseSign1.parse(statement);
        Bytes spki = envelope.protectedHeader()
                .signerKey()
                .orElseThrow(() -> new MalformedException("statement header", -1, "expected the signer's key, found none"));
        P256PublicKey signer = P256PublicKey.parse(spki.toArray());
        Bytes evidence = envelope.unprotectedHeader()
                .evidence()
                .orElseThrow(() -> new MalformedException("statement header", -1, "expected evidence, found none"));
        if (!envelope.protectedHeader().equals(CoseSign1.ES256.withSignerKey(signer))
                || !envelope.unprotectedHeader().equals(CoseHeader.EMPTY.withEvidence(evidence))) {
            throw new MalformedException(
                    "statement header", -1, "expected ES256, the signer's key and evidence, found more");
        }
        return new Statement(envelope, decode(envelope.payload().toArray()), signer, evidence);
    }

    private static Unsigned decode(byte[] payload) throws MalformedException {
        EatReader claims = new EatReader(payload, "statement", CLAIMS);
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        String purpose = claims.text(CLAIM_PURPOSE, "purpose", MAX_PURPOSE_LENGTH);
        Bytes content = claims.bytes(CLAIM_CONTENT, "content", 0, MAX_CONTENT_BYTES);
        claims.end();
        if (!isPurpose(purpose)) {
            throw new MalformedException("statement.purpose", -1, "expected printable ASCII characters");
        }
        return new Unsigned(purpose, content);
    }

    /** {@return what the content is for; not proven} */
    public String purpose() {
        return claims.purpose();
    }

    /** {@return what is stated; not proven} */
    public Bytes content() {
        return claims.content();
    }

    /** {@return the SubjectPublicKeyInfo of the key that should have signed, DER, 91 bytes; not proven to be an enclave's} */
    public Bytes publicKey() {
        return signer.spki();
    }

    /** {@return the evidence for the key and the payload; not verified} */
    public Bytes evidence() {
        return evidence;
    }

    /** {@return the 64 bytes that the evidence must carry as its report data, a new array} */
    public byte[] expectedReportData() {
        return reportData(signer, envelope.payload().toArray());
    }

    /** {@return whether {@link #publicKey()} signed the payload; proves nothing about an enclave} */
    public boolean signatureValid() {
        return envelope.verify(signer);
    }

    /** {@return the statement's bytes, as they were parsed} */
    public byte[] toByteArray() {
        return envelope.toByteArray();
    }

    private static byte[] reportData(P256PublicKey signer, byte[] payload) {
        return ReportData.of(ReportData.STATEMENT, signer.spki().toArray(), payload);
    }

    private static boolean isPurpose(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_PURPOSE_LENGTH
                && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
