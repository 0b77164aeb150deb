package org.innerkeep.channel.keeper;

import java.util.List;
import java.util.Optional;

/** What a keeper offers to the one enclave at the other end of a connection: what a processor's instructions are on SGX. */
public interface PlatformService {
    /** {@return what the enclave is and how it runs} */
    Launch launch();

    /**
     * Signs a report about this enclave.
     *
     * @param reportData 64 bytes
     * @return a signed keeper report
     */
    byte[] report(byte[] reportData);

    /**
     * Derives a sealing key for this enclave.
     *
     * @param request which one
     * @return 32 secret bytes; the same for every enclave with the same identity on this keeper
     * @throws SealingRefusedException if the enclave may not have that key
     */
    byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException;

    /**
     * Claims a register: a few bytes that the platform remembers for an identity (platform, signer, product, debug, isolation)
     * and a name, and that only ever go forward. The claim ends with the enclave; until then nobody else has the register.
     *
     * @param name 1 to 64 lower-case letters, digits and hyphens, beginning with a letter
     * @return what it says; nothing where it was never set
     * @throws RegisterRefusedException if another enclave holds it, or a later version has set it
     */
    Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException;

    /**
     * Sets a register that this enclave has claimed. Once this returns it is on the platform's disk.
     *
     * @param name of the register
     * @param from the version that it has now; 0 where it was never set
     * @param to what it is to say: of a higher version
     * @throws RegisterRefusedException if it says something else, or cannot be written: then it may or may not have been set
     */
    void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException;

    /** Tells the keeper that the enclave waits for its host at the boundary. */
    void waiting();

    /**
     * What a register says.
     *
     * @param version at least 1
     * @param digest 32 bytes, of what has this version
     */
    record RegisterState(long version, byte[] digest) {}

    /**
     * What an enclave is and how it runs.
     *
     * @param enclaveId 16 random bytes
     * @param program the class to start, an {@code EnclaveProgram}
     * @param platform the platform's name
     * @param measurement as {@code algorithm:hex}
     * @param signer SHA-256 of the signer's SubjectPublicKeyInfo, 32 bytes
     * @param productId the product id
     * @param securityVersion the security version
     * @param debug whether the enclave can be debugged
     * @param threads the most calls served at once
     * @param nativeLibraries paths of the bundle's native libraries, relative to the working directory
     * @param hostToken 32 bytes that the host must show at the boundary
     * @param ownNetwork whether the enclave has a network of its own, with nothing in it but its own loopback address
     * @param confinement the mechanisms that confine it, as {@code Confinement.bits()} of its reports
     */
    record Launch(
            byte[] enclaveId,
            String program,
            String platform,
            String measurement,
            byte[] signer,
            long productId,
            long securityVersion,
            boolean debug,
            int threads,
            List<String> nativeLibraries,
            byte[] hostToken,
            boolean ownNetwork,
            int confinement) {}

    /** What a sealing key is bound to. */
    enum SealingPolicy {
        /** This exact measurement: nothing else, not even a newer version, can open. */
        MEASUREMENT,
        /** Signer, product and security version: a newer version can open, an older one cannot. */
        SIGNER
    }

    /**
     * Which sealing key.
     *
     * @param policy what it is bound to
     * @param securityVersion for {@link SealingPolicy#SIGNER}: the version whose key is wanted, not above the enclave's own;
     *     otherwise the enclave's own
     * @param confinement bits of the mechanisms that the key is for; none that the enclave is not confined by. What was sealed under
     *     few mechanisms opens under more, and never the other way round
     * @param salt 32 random bytes, different for each sealed value
     */
    record SealingKeyRequest(SealingPolicy policy, long securityVersion, int confinement, byte[] salt) {}
}
