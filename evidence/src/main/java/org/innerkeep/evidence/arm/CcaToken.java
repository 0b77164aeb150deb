package org.innerkeep.evidence.arm;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseMessage;

/**
 * A CCA attestation token: a platform token and a realm token in one collection (Arm RMM specification, DEN0137, "Attestation token
 * format"). RMM 1.0 tags the collection with 399 and has the tokens as they are; RMM 2.0 tags it with 907 and puts each in a record
 * {@code [263, token]} (application/eat+cwt), as drafts between them did under tag 399. Parsing checks form only. Platforms need not
 * write the shortest heads, and verifiers have to bear that; lengths are definite.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param tag of the collection, 399 or 907
 * @param records whether each token is in a record
 * @param platformEnvelope the COSE_Sign1 around the platform's claims
 * @param platform the platform's claims
 * @param realmEnvelope the COSE_Sign1 around the realm's claims
 * @param realm the realm's claims
 * @param devices the token about devices that are assigned to the realm, not signed and not read
 */
public record CcaToken(
        int tag,
        boolean records,
        CoseMessage platformEnvelope,
        CcaPlatform platform,
        CoseMessage realmEnvelope,
        CcaRealm realm,
        Optional<Bytes> devices) {
    /** The collection's tag in RMM 1.0. */
    public static final int TAG = 399;

    /** The collection's tag in RMM 2.0. */
    public static final int TAG_2_0 = 907;

    private static final long PLATFORM = 44234;
    private static final long REALM = 44241;
    private static final long DEVICES = 44258;

    /** CoAP content formats application/eat+cwt and application/uccs+cbor. */
    private static final int EAT_CWT = 263;

    private static final int UCCS = 601;
    private static final int MAX_TOKEN = 64 * 1024;

    /**
     * Tells by the first bytes whether bytes want to be read as such a token.
     *
     * @param bytes hostile bytes
     * @return whether one of the collection's tags comes first
     */
    public static boolean looksLike(byte[] bytes) {
        // Numbers of two bytes: an array of them begins no other kind of evidence.
        if (bytes.length < 3 || bytes[0] != (byte) 0xd9) {
            return false;
        }
        int tag = (bytes[1] & 0xff) << 8 | bytes[2] & 0xff;
        return tag == TAG || tag == TAG_2_0;
    }

    /**
     * Reads a token.
     *
     * @param encoded hostile bytes
     * @return the token, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static CcaToken parse(byte[] encoded) throws MalformedException {
        CborValue value = CborValue.parse("collection", encoded, CborValue.Rules.ANY_HEADS);
        if (!(value instanceof CborValue.Tagged tagged) || tagged.tag() != TAG && tagged.tag() != TAG_2_0) {
            throw new MalformedException("collection", 0, "expected tag " + TAG + " or " + TAG_2_0);
        }
        CborValue.Obj parts = tagged.content().map("collection");
        boolean records = parts.get(PLATFORM, "platform-token") instanceof CborValue.Arr;
        Set<Long> labels = records ? Set.of(PLATFORM, REALM, DEVICES) : Set.of(PLATFORM, REALM);
        if (!parts.byName().isEmpty() || !labels.containsAll(parts.byNumber().keySet())) {
            throw new MalformedException("collection", parts.start(), "expected no parts but a platform token and a realm token");
        }
        CoseMessage platform = part(parts.get(PLATFORM, "platform-token"), "platform-token", records);
        CoseMessage realm = part(parts.get(REALM, "realm-token"), "realm-token", records);
        Optional<CborValue> devices = parts.find(DEVICES);
        CcaPlatform claims = CcaPlatform.parse(platform.payload().toArray());
        return new CcaToken(
                (int) tagged.tag(),
                records,
                platform,
                claims,
                realm,
                CcaRealm.parse(realm.payload().toArray(), claims.profile()),
                devices.isPresent() ? Optional.of(record(devices.get(), "device-token", UCCS)) : Optional.empty());
    }

    private static CoseMessage part(CborValue value, String field, boolean records) throws MalformedException {
        Bytes encoded = records ? record(value, field, EAT_CWT) : value.bytes(field, 1, MAX_TOKEN);
        CoseMessage message = CoseMessage.parse(field, encoded.toArray(), CborValue.Rules.ANY_HEADS, MAX_TOKEN);
        if (!message.tagged() || message.form() != CoseMessage.Form.SIGN1) {
            throw new MalformedException(field, value.start(), "expected COSE_Sign1 with its tag (18), found another form");
        }
        return message;
    }

    private static Bytes record(CborValue value, String field, int type) throws MalformedException {
        List<CborValue> pair = value.items(field, 2, 2);
        pair.get(0).integer(field + ".type", type, type);
        return pair.get(1).bytes(field, 1, MAX_TOKEN);
    }

    /** {@return the token with shortest heads; the very bytes it was parsed from, where those had shortest heads and this order} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().tag(tag).map(devices.isPresent() ? 3 : 2);
        write(writer, PLATFORM, EAT_CWT, platformEnvelope.toByteArray());
        write(writer, REALM, EAT_CWT, realmEnvelope.toByteArray());
        devices.ifPresent(bytes -> write(writer, DEVICES, UCCS, bytes.toArray()));
        return writer.toByteArray();
    }

    private void write(CborWriter writer, long label, int type, byte[] value) {
        writer.integer(label);
        if (records) {
            writer.array(2).integer(type);
        }
        writer.bytes(value);
    }
}
