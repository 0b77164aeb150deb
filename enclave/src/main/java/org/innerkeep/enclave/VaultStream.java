package org.innerkeep.enclave;

import java.io.InputStream;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.evidence.Bytes;

/**
 * The plaintext of a sealed file, chunk by chunk (64 KiB), each only after it is proven. It is whole only when the stream reports
 * its end.
 *
 * <p>Each read makes sure that the lease lasts, and obtains another where it is over; if there is none, it throws a {@link
 * VaultException}, and so does every later one. For one thread.
 */
public abstract class VaultStream extends InputStream {
    /** For the runtime. */
    protected VaultStream() {}

    /** {@return the terms of the last release} */
    public abstract ReleaseTerms terms();

    /** {@return which file it is: SHA-256 of its header, 32 bytes, by which the vault's log names it too} */
    public abstract Bytes header();
}
