package org.innerkeep.channel.keeper;

import java.util.List;

/**
 * What a keeper offers to a host, one instance for each connection. A host sends the bundle's bytes, so the keeper never
 * opens a path that a host names and never trusts bytes that a host can change afterwards.
 */
public interface KeeperService {
    /** The most bytes of a bundle in one {@link #append}. */
    int MAX_CHUNK_BYTES = 1 << 20;

    /** {@return who this keeper is} */
    KeeperInfo info();

    /**
     * Begins the upload of a bundle; what was uploaded before on this connection is dropped.
     *
     * @param totalBytes how long the bundle is
     * @throws StartRefusedException if it is longer than this keeper accepts
     */
    void upload(long totalBytes) throws StartRefusedException;

    /**
     * Appends to the bundle being uploaded.
     *
     * @param chunk 1 to {@value #MAX_CHUNK_BYTES} bytes
     * @throws StartRefusedException if nothing is being uploaded or this is more than was announced
     */
    void append(byte[] chunk) throws StartRefusedException;

    /**
     * Measures and starts what was uploaded. Returns when the enclave waits for its host at the boundary. One enclave for
     * each connection.
     *
     * @return where it waits
     * @throws StartRefusedException if the bundle is refused or the enclave does not start
     */
    StartedEnclave start() throws StartRefusedException;

    /**
     * Who a keeper is.
     *
     * @param version of the keeper's software
     * @param publicKey that signs reports, SubjectPublicKeyInfo; a relying party pins what the keeper's administrator
     *     told it, not this
     * @param isolation {@code separate-user} or {@code same-user}, for a host of the caller's user
     */
    record KeeperInfo(String version, byte[] publicKey, String isolation) {}

    /**
     * A started enclave.
     *
     * @param enclaveId 16 random bytes that its reports name
     * @param boundary the path of the boundary's Unix-domain socket
     * @param token 32 bytes that open the boundary; for this host only
     * @param programInterfaces names of the interfaces that the bundle declares, for messages
     */
    record StartedEnclave(byte[] enclaveId, String boundary, byte[] token, List<String> programInterfaces) {}
}
