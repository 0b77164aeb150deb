package org.innerkeep.evidence.arm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.Verification;

/** What the checks of both kinds of tokens have in common. */
final class Tokens {
    private Tokens() {}

    /** A state that is debugged is also a claim, and accepted where debugging is. */
    static void checkLifecycle(Verification run, String path, int value) {
        Lifecycle found = Lifecycle.of(value);
        if (found != Lifecycle.SECURED && !(found.debug() && run.options().debugAllowed())) {
            run.refuse(Code.LIFECYCLE_NOT_SECURED, path, String.format("0x%04x (%s)", value, found), "0x3000 to 0x30ff (secured)",
                    "Whoever holds the device may control what it signs: use one that is secured.");
        }
    }

    /** The challenge is also report data; a caller may ask for it under either name. */
    static void checkNonce(Verification run, String path, Bytes found) {
        Optional<Bytes> expected = run.expectedNonce();
        if (expected.isPresent() && !expected.get().equals(found)) {
            run.refuse(Code.NONCE_MISMATCH, path, found.shortHex(), expected.get().shortHex(),
                    "The token may be replayed: ask for one with a nonce of your own.");
        }
    }

    static void noteUnknown(Verification run, String what, List<String> unknown) {
        if (!unknown.isEmpty()) {
            run.notChecked(what, "it has " + unknown.size() + " claims for private use that are not known");
        }
    }

    /** An instance id that is made of a key: 0x01 and SHA-256 of its uncompressed point (SEC 1 section 2.3.3). */
    static Bytes keyHash(Bytes spki) {
        byte[] encoded = spki.toArray();
        for (Curve curve : Curve.values()) {
            int point = 1 + 2 * curve.length();
            if (encoded.length > point && encoded.length < point + 32 && encoded[encoded.length - point] == 4) {
                byte[] id = new byte[33];
                id[0] = 1;
                byte[] digest = Bytes.sha256(Arrays.copyOfRange(encoded, encoded.length - point, encoded.length)).toArray();
                System.arraycopy(digest, 0, id, 1, digest.length);
                return Bytes.of(id);
            }
        }
        return Bytes.EMPTY;
    }
}
