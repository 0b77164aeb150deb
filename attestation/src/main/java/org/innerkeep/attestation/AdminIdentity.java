package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.http.AdminSettings;

/**
 * What an admin key is called in records: after itself, so that one key is one identity on every instance of a store, whatever its file is
 * called there. Eight bytes of an HMAC under the store's secret stand for it, by which nobody without that secret can try out keys.
 */
final class AdminIdentity {
    private static final String LABEL = "admin key of innerkeep\0";
    private static final String PREFIX = AdminSettings.ONLY_KEY + " ";
    private static final int CODE_BYTES = 8;
    private static final int IDENTITY_CHARACTERS = PREFIX.length() + 2 * CODE_BYTES;

    private AdminIdentity() {}

    /**
     * Names a key.
     *
     * @param secret of the store
     * @param key the key
     * @param file what its file is called here, for people; where there are several
     * @return the name
     */
    static String of(byte[] secret, String key, Optional<String> file) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(LABEL.getBytes(StandardCharsets.US_ASCII));
            byte[] code = mac.doFinal(key.getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(Arrays.copyOf(code, CODE_BYTES)) + file.map(name -> " " + name).orElse("");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every Java platform", e);
        }
    }

    /** {@return whether two names are of one identity: for admin keys the key counts, and not the file; for others the whole name} */
    static boolean same(String one, String other) {
        return identity(one).equals(identity(other));
    }

    private static String identity(String name) {
        return name.startsWith(PREFIX) && name.length() > IDENTITY_CHARACTERS ? name.substring(0, IDENTITY_CHARACTERS) : name;
    }
}
