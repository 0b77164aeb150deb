package org.innerkeep.channel.file;

import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.internal.hpke.X25519;
import org.innerkeep.channel.internal.hpke.XWing;

/**
 * The kinds of keys that files are sealed to. A file has recipients of one kind: to whom it is sealed decides whether what is
 * recorded today can be read once there are large quantum computers.
 */
public enum KeyKind {
    /**
     * ML-KEM-768 and X25519 together (age specification, recipient type {@code mlkem768x25519}): whoever wants to read must break
     * both, so that a quantum computer is not enough. The default.
     */
    HYBRID("mlkem768x25519", XWing.CIPHERTEXT, XWing.PUBLIC_KEY, "age1pq", "AGE-SECRET-KEY-PQ-"),

    /**
     * X25519 alone (age specification, recipient type {@code X25519}), which every age tool knows and a large quantum computer
     * would break.
     */
    CLASSIC("X25519", X25519.LENGTH, X25519.LENGTH, "age", "AGE-SECRET-KEY-");

    /** The secret of either kind, in bytes: a seed or a scalar. */
    static final int SECRET = 32;

    private final String stanzaType;
    private final int shareLength;
    private final int publicKeyLength;
    private final String recipientPrefix;
    private final String identityPrefix;

    KeyKind(String stanzaType, int shareLength, int publicKeyLength, String recipientPrefix, String identityPrefix) {
        this.stanzaType = stanzaType;
        this.shareLength = shareLength;
        this.publicKeyLength = publicKeyLength;
        this.recipientPrefix = recipientPrefix;
        this.identityPrefix = identityPrefix;
    }

    static Optional<KeyKind> ofStanza(String type) {
        return Arrays.stream(values()).filter(kind -> kind.stanzaType.equals(type)).findFirst();
    }

    static Optional<KeyKind> ofPublicKey(int length) {
        return Arrays.stream(values()).filter(kind -> kind.publicKeyLength == length).findFirst();
    }

    /** {@return the kind whose identities begin like this, of those that are no kind the classic one} */
    static KeyKind ofIdentity(byte[] text) {
        return Bech32.startsWith(text, HYBRID.identityPrefix + "1") ? HYBRID : CLASSIC;
    }

    /** {@return the kind whose recipients begin like this, of those that are no kind the classic one} */
    static KeyKind ofRecipient(byte[] text) {
        return Bech32.startsWith(text, HYBRID.recipientPrefix + "1") ? HYBRID : CLASSIC;
    }

    /** {@return the first argument of its stanzas} */
    String stanzaType() {
        return stanzaType;
    }

    /** {@return the bytes of the second argument of its stanzas} */
    int shareLength() {
        return shareLength;
    }

    int publicKeyLength() {
        return publicKeyLength;
    }

    /** {@return what stands before the last digit 1 of its recipients} */
    String recipientPrefix() {
        return recipientPrefix;
    }

    /** {@return what stands before the last digit 1 of its identities} */
    String identityPrefix() {
        return identityPrefix;
    }
}
