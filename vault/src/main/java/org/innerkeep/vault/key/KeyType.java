package org.innerkeep.vault.key;

/** What a key is, and so what its secret bytes are. The numbers are those of the stored form: never given a second meaning. */
public enum KeyType {
    /** RSA: the secret is PKCS #8, the public key SubjectPublicKeyInfo, both DER. */
    RSA(1),
    /** Elliptic curves, X25519 among them: the secret is PKCS #8, the public key SubjectPublicKeyInfo, both DER. */
    EC(2),
    /** Symmetric: the secret is the key; there is no public key. */
    OCT(3),
    /**
     * An age identity, to which files are sealed: the secret is the text of the identity, the public key that of the recipient, both
     * ASCII. It is never released: only the keys of single files are.
     */
    IDENTITY(4);

    private final int number;

    KeyType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static KeyType of(long number) {
        return switch ((int) number) {
            case 1 -> RSA;
            case 2 -> EC;
            case 3 -> OCT;
            case 4 -> IDENTITY;
            default -> throw new IllegalArgumentException("key type: expected 1 to 4, found " + number);
        };
    }
}
