package org.innerkeep.vault.key;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * What a vault is: its life, its name and its own secrets. The stored form is a CBOR array in this order.
 *
 * @param epoch the number of its life
 * @param restored the life that began when the whole store was restored last; 0 if it never was
 * @param publicKey of the key that signs releases, SubjectPublicKeyInfo
 * @param signingKey its private key, PKCS #8, wrapped
 * @param challengeSecret under which challenges are issued, wrapped
 */
record VaultState(long epoch, long restored, Bytes publicKey, Bytes signingKey, Bytes challengeSecret) {
    static final String SIGNING_KEY = "innerkeep vault signing key v1";
    static final String CHALLENGE_SECRET = "innerkeep vault challenge secret v1";
    static final int SECRET_BYTES = 32;

    private static final String PROFILE = "tag:innerkeep.org,2026:vault/1";
    private static final int MAX_WRAPPED = 512;

    /** The id of the vault: of the key that signs releases. */
    Bytes id() {
        return Bytes.sha256(publicKey.toArray());
    }

    VaultState epoch(long other) {
        return new VaultState(other, restored, publicKey, signingKey, challengeSecret);
    }

    VaultState restored(long other) {
        return new VaultState(other, other, publicKey, signingKey, challengeSecret);
    }

    byte[] toByteArray() {
        return new CborWriter().array(6).text(PROFILE).integer(epoch).integer(restored).bytes(publicKey.toArray()).bytes(signingKey.toArray())
                .bytes(challengeSecret.toArray()).toByteArray();
    }

    static VaultState parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("vault", 6);
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", -1, "expected " + PROFILE);
        }
        VaultState state = new VaultState(
                reader.integer("epoch", 1, Long.MAX_VALUE),
                reader.integer("restored", 0, Long.MAX_VALUE),
                Bytes.of(reader.bytes("public key", P256PublicKey.SPKI_LENGTH, P256PublicKey.SPKI_LENGTH)),
                Bytes.of(reader.bytes("signing key", 1, MAX_WRAPPED)),
                Bytes.of(reader.bytes("challenge secret", 1, MAX_WRAPPED)));
        reader.end("vault");
        P256PublicKey.parse(state.publicKey().toArray());
        return state;
    }
}
