package org.innerkeep.channel.state;

import java.util.Optional;
import java.util.regex.Pattern;
import org.innerkeep.channel.call.HostVisible;

/**
 * Where a host keeps the sealed state of its enclaves. To the enclave whatever comes from here is hostile; to the host the enclave is:
 * names and sizes are bounded on both sides.
 */
@HostVisible
public interface StateStore {
    /** The most bytes of one sealed value. */
    int MAX_BYTES = (8 << 20) + (256 << 10);

    /** What a name may be: a lower-case letter, then up to 63 of these, digits, hyphens and underscores. No dot: names become files. */
    Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

    /**
     * Finds the newest version.
     *
     * @param name of the value
     * @return its number, at least 1; nothing where there is no version
     */
    Optional<Long> newest(String name);

    /**
     * Reads a version.
     *
     * @param name of the value
     * @param version its number
     * @return the sealed value; nothing where there is no such version
     */
    Optional<byte[]> read(String name, long version);

    /**
     * Writes a version, and never over another one. Once this returns it is on the disk, whole; other versions are left as they are.
     *
     * @param name of the value
     * @param version its number, at least 1
     * @param sealed at most {@link #MAX_BYTES}
     * @return whether it was written; false where there is such a version, of another enclave perhaps
     */
    boolean write(String name, long version, byte[] sealed);

    /**
     * Takes away versions that are not needed any more.
     *
     * @param name of the value
     * @param before the first number that is still needed
     */
    void discard(String name, long before);
}
