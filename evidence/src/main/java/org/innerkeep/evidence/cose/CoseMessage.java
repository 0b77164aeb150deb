package org.innerkeep.evidence.cose;

import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.SignatureScheme;

/**
 * A document of others with one signature or one authentication code (RFC 9052 sections 4.2 and 6.2), as far as evidence uses it.
 * Unlike {@link CoseSign1}, our own profile, it may have any header parameters, a tag or none, and any of the ECDSA algorithms.
 * Refused all the same:
 *
 * <ul>
 *   <li>an algorithm that is not in the protected header: nothing would authenticate it;
 *   <li>{@code crit}: no parameter is known here that a maker could mean by it;
 *   <li>a label twice, in one header or in both;
 *   <li>a detached payload.
 * </ul>
 *
 * <p>Other parameters (key id, content type, certificates) are not looked at: what they say is not trusted, and the key comes from
 * elsewhere. Parsing checks form only. Immutable, safe for use by several threads.
 *
 * @param form whether it is signed or has an authentication code
 * @param tagged whether the form's tag stands before it
 * @param protectedHeader the protected header as it was signed, CBOR of a map
 * @param unprotectedHeader the unprotected header as it stands, CBOR of a map
 * @param algorithm the algorithm's number in the IANA registry, or nothing where it is named by text
 * @param payload what is signed
 * @param signature r and s, or the authentication code
 */
public record CoseMessage(
        Form form,
        boolean tagged,
        Bytes protectedHeader,
        Bytes unprotectedHeader,
        OptionalLong algorithm,
        Bytes payload,
        Bytes signature) {
    /** What protects a payload. */
    public enum Form {
        /** COSE_Sign1, tag 18. */
        SIGN1(18),
        /** COSE_Mac0, tag 17: nobody without the device's own secret can check it. */
        MAC0(17);

        private final long tag;

        Form(long tag) {
            this.tag = tag;
        }
    }

    private static final long ALG = 1;
    private static final long CRIT = 2;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int MAX_SIGNATURE_BYTES = 1024;

    /**
     * Reads a message. Without a tag it is taken for COSE_Sign1.
     *
     * @param field its name, for messages
     * @param encoded hostile bytes
     * @param rules which encodings the maker's specification leaves room for
     * @param maxPayload the most bytes of payload
     * @return the message, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static CoseMessage parse(String field, byte[] encoded, CborValue.Rules rules, int maxPayload) throws MalformedException {
        CborValue value = CborValue.parse(field, encoded, rules);
        Form form = Form.SIGN1;
        boolean tagged = value instanceof CborValue.Tagged;
        if (value instanceof CborValue.Tagged tag) {
            if (tag.tag() != Form.SIGN1.tag && tag.tag() != Form.MAC0.tag) {
                throw new MalformedException(field, 0, "expected tag 18 or 17, found " + tag.tag());
            }
            form = tag.tag() == Form.SIGN1.tag ? Form.SIGN1 : Form.MAC0;
            value = tag.content();
        }
        List<CborValue> parts = value.items(field, 4, 4);
        Bytes protectedHeader = parts.get(0).bytes(field + ".protected", 1, MAX_HEADER_BYTES);
        CborValue.Obj covered =
                CborValue.parse(field + ".protected", protectedHeader.toArray(), rules).map(field + ".protected");
        CborValue.Obj loose = parts.get(1).map(field + ".unprotected");
        if (loose.end() - loose.start() > MAX_HEADER_BYTES) {
            throw new MalformedException(field + ".unprotected", loose.start(), "expected at most " + MAX_HEADER_BYTES + " bytes");
        }
        for (long label : covered.byNumber().keySet()) {
            if (loose.byNumber().containsKey(label)) {
                throw new MalformedException(field + ".unprotected", loose.start(), "has label " + label + ", which is protected too");
            }
        }
        if (covered.byName().keySet().stream().anyMatch(loose.byName()::containsKey)) {
            throw new MalformedException(field + ".unprotected", loose.start(), "has a label that the protected header has too");
        }
        if (covered.find(CRIT).isPresent() || loose.find(CRIT).isPresent()) {
            throw new MalformedException(field + ".crit", loose.start(), "expected no critical parameters, found some");
        }
        OptionalLong algorithm = switch (covered.get(ALG, field + ".protected.alg")) {
            case CborValue.Int number -> OptionalLong.of(number.value());
            case CborValue.Text name -> OptionalLong.empty();
            case CborValue other -> throw new MalformedException(
                    field + ".protected.alg", other.start(), "expected an algorithm by number or name");
        };
        return new CoseMessage(
                form,
                tagged,
                protectedHeader,
                Bytes.of(Arrays.copyOfRange(encoded, loose.start(), loose.end())),
                algorithm,
                parts.get(2).bytes(field + ".payload", 0, maxPayload),
                parts.get(3).bytes(field + ".signature", 1, MAX_SIGNATURE_BYTES));
    }

    /** {@return how it is signed, or nothing where it is not signed or by an algorithm that is not known here} */
    public Optional<SignatureScheme> scheme() {
        return form == Form.SIGN1 && algorithm.isPresent() ? scheme(algorithm.getAsLong()) : Optional.empty();
    }

    /**
     * Finds an algorithm: RFC 9053 section 2.1, and the same with their curve in the name, RFC 9864 section 2.1.
     *
     * @param number in the IANA registry of COSE algorithms
     * @return the algorithm, or nothing where it is not known here
     */
    public static Optional<SignatureScheme> scheme(long number) {
        if (number == -7 || number == -9) {
            return Optional.of(SignatureScheme.ES256);
        } else if (number == -35 || number == -51) {
            return Optional.of(SignatureScheme.ES384);
        }
        return number == -36 || number == -52 ? Optional.of(SignatureScheme.ES512) : Optional.empty();
    }

    /**
     * Verifies the signature (RFC 9052 section 4.4).
     *
     * @param crypto verifies
     * @param key from {@link Crypto#publicKey}
     * @param external bytes that were signed and are not carried; empty for none
     * @return whether that key signed it by its algorithm; false where the key is on another curve than the algorithm's
     */
    public boolean signedBy(Crypto crypto, PublicKey key, Bytes external) {
        Optional<SignatureScheme> scheme = scheme();
        return scheme.isPresent() && crypto.verify(scheme.get(), key, toBeSigned(external), signature.toArray());
    }

    /** Sig_structure of RFC 9052 section 4.4. */
    private byte[] toBeSigned(Bytes external) {
        return new CborWriter()
                .array(4)
                .text("Signature1")
                .bytes(protectedHeader.toArray())
                .bytes(external.toArray())
                .bytes(payload.toArray())
                .toByteArray();
    }

    /** {@return the message with shortest heads; the very bytes it was parsed from, where those had shortest heads too} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter();
        if (tagged) {
            writer.tag(form.tag);
        }
        return writer.array(4)
                .bytes(protectedHeader.toArray())
                .raw(unprotectedHeader.toArray())
                .bytes(payload.toArray())
                .bytes(signature.toArray())
                .toByteArray();
    }
}
