package org.innerkeep.attestation.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A change of policies or of their signers that one identity has proposed, and that waits for another's approval.
 *
 * @param action what is to be done
 * @param type the type of attestation, or empty where the action is about signers
 * @param text what was sent, a JWS; at most {@link AttestationStore#MAX_POLICY_CHARS} characters
 * @param base the version of what it changes at the time it was proposed: the change is for this version and no other
 * @param by who proposed it
 * @param at when, cut to milliseconds
 */
public record PendingChange(Action action, String type, String text, long base, String by, Instant at) {
    /** The most changes that wait at once. */
    public static final int MAX = 16;

    /** What is to be done. */
    public enum Action {
        /** Set a policy. */
        SET_POLICY(0),
        /** Take a policy back. */
        RESET_POLICY(1),
        /** Add a certificate whose holder may set policies. */
        ADD_CERTIFICATE(2),
        /** Remove one. */
        REMOVE_CERTIFICATE(3);

        private final int code;

        Action(int code) {
            this.code = code;
        }

        /** The action of a code, or nothing. */
        static Optional<Action> of(long code) {
            return Arrays.stream(values()).filter(each -> each.code == code).findFirst();
        }

        /** {@return its name in answers, such as {@code set-policy}} */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public PendingChange {
        if (type.length() > 64 || text.isEmpty() || text.length() > AttestationStore.MAX_POLICY_CHARS || by.isEmpty() || base < 0) {
            throw new IllegalArgumentException("pending change: expected a type, a text, a version and a name within their sizes");
        }
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    /** {@return what names this change and nothing else: SHA-256 of its encoding} */
    public Bytes digest() {
        CborWriter writer = new CborWriter();
        write(writer);
        return Bytes.sha256(writer.toByteArray());
    }

    void write(CborWriter writer) {
        writer.array(6).integer(action.code).text(type).text(text).integer(base).text(by).integer(at.toEpochMilli());
    }
}
