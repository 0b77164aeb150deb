package org.innerkeep.evidence.arm;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cose.CoseMessage;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.SignatureScheme;

/**
 * The realm attestation key (RAK) in a realm token: a bare point on P-384 (SEC 1 section 2.3.3, uncompressed) in realm tokens without a
 * profile, or a COSE_Key (RFC 9052 section 7, RFC 9053 section 7.1.1).
 */
final class RealmKey {
    private static final byte UNCOMPRESSED = 4;

    private static final long KTY = 1;
    private static final long KID = 2;
    private static final long ALG = 3;
    private static final long KEY_OPS = 4;
    private static final long BASE_IV = 5;
    private static final long CRV = -1;
    private static final long X = -2;
    private static final long Y = -3;
    private static final Set<Long> KNOWN = Set.of(KTY, KID, ALG, KEY_OPS, BASE_IV, CRV, X, Y);

    private static final int EC2 = 2;
    private static final int VERIFY = 2;

    private RealmKey() {}

    /**
     * Reads a key.
     *
     * @param encoded the claim's bytes
     * @param bareAllowed whether it may be a bare point
     * @param scheme how the realm token is signed
     * @return the SubjectPublicKeyInfo, DER
     * @throws MalformedException if it is anything else, or a key for another algorithm
     */
    static Bytes parse(Bytes encoded, boolean bareAllowed, Optional<SignatureScheme> scheme) throws MalformedException {
        byte[] bytes = encoded.toArray();
        String field = "realm.public-key";
        if (bareAllowed && bytes.length == 1 + 2 * Curve.P384.length() && bytes[0] == UNCOMPRESSED) {
            return Curve.P384.spki(field, Arrays.copyOfRange(bytes, 1, bytes.length));
        }
        CborValue.Obj key = CborValue.parse(field, bytes, CborValue.Rules.ANY_HEADS).map(field);
        if (!key.byName().isEmpty() || !KNOWN.containsAll(key.byNumber().keySet())) {
            throw new MalformedException(field, 0, "expected no parameters but those of an EC2 key");
        }
        key.get(KTY, field + ".kty").integer(field + ".kty", EC2, EC2);
        Curve curve = switch ((int) key.get(CRV, field + ".crv").integer(field + ".crv", 1, 3)) {
            case 1 -> Curve.P256;
            case 2 -> Curve.P384;
            default -> Curve.P521;
        };
        Optional<CborValue> algorithm = key.find(ALG);
        if (algorithm.isPresent()) {
            long number = algorithm.get().integer(field + ".alg", Integer.MIN_VALUE, -1);
            if (!scheme.equals(CoseMessage.scheme(number))) {
                throw new MalformedException(field + ".alg", algorithm.get().start(), "expected the algorithm of the token's signature");
            }
        }
        Optional<CborValue> operations = key.find(KEY_OPS);
        if (operations.isPresent() && operations.get().items(field + ".key_ops", 1, 16).stream()
                .noneMatch(each -> each instanceof CborValue.Int number && number.value() == VERIFY)) {
            throw new MalformedException(field + ".key_ops", operations.get().start(), "expected a key for verifying");
        }
        int length = curve.length();
        byte[] point = Arrays.copyOf(key.get(X, field + ".x").bytes(field + ".x", length, length).toArray(), 2 * length);
        System.arraycopy(key.get(Y, field + ".y").bytes(field + ".y", length, length).toArray(), 0, point, length, length);
        return curve.spki(field, point);
    }
}
