package org.innerkeep.evidence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The 64 bytes that a platform signs for an enclave: SHA-256 over a domain label and the bound parts in bytes 0 to 31,
 * zeros in bytes 32 to 63. Never raw, so that a program cannot be made to vouch for a stranger's value.
 *
 * <p>The preimage is the label and each part, each preceded by its length as four bytes, big-endian.
 */
public final class ReportData {
    /** The number of bytes. */
    public static final int LENGTH = 64;

    /** Fresh evidence inside a session; only the runtime uses it. */
    public static final String SESSION = "innerkeep runtime: session v1";

    /** A signed statement; only the runtime uses it. */
    public static final String STATEMENT = "innerkeep runtime: statement v1";

    /** A request for a file key to a vault; only the runtime uses it. */
    public static final String RELEASE = "innerkeep runtime: file key release v1";

    /** Label of evidence over a request to a vault's register of stored values. */
    public static final String REGISTER = "innerkeep runtime: state register v1";

    private static final String PROGRAM_PREFIX = "innerkeep program: ";

    private ReportData() {}

    /**
     * Binds parts under a label.
     *
     * @param label the domain label
     * @param parts what is bound, in order
     * @return 64 bytes, a new array
     */
    public static byte[] of(String label, byte[]... parts) {
        MessageDigest digest = Sha256.newDigest();
        update(digest, label.getBytes(StandardCharsets.UTF_8));
        for (byte[] part : parts) {
            update(digest, part);
        }
        return Arrays.copyOf(digest.digest(), LENGTH);
    }

    /**
     * Binds what a program attests. No purpose, however chosen, gives a label of the runtime.
     *
     * @param purpose what the program uses the evidence for, its own choice
     * @param context what is bound
     * @return 64 bytes, a new array
     */
    public static byte[] ofProgram(String purpose, byte[] context) {
        return of(PROGRAM_PREFIX + purpose, context);
    }

    /**
     * The report data of an RA-TLS certificate (TCG DICE tagged evidence): SHA-256 of the claims buffer as it is. That
     * buffer is a CBOR map, so it never equals a labelled preimage, which begins with a zero byte.
     *
     * @param claimsBuffer the encoded claims
     * @return 64 bytes, a new array
     */
    public static byte[] ofCertificateClaims(byte[] claimsBuffer) {
        return Arrays.copyOf(Sha256.newDigest().digest(claimsBuffer), LENGTH);
    }

    private static void update(MessageDigest digest, byte[] part) {
        digest.update(ByteBuffer.allocate(4).putInt(part.length).array());
        digest.update(part);
    }
}
