package org.innerkeep.channel.keeper;

import java.util.Optional;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;

/**
 * {@link PlatformService} as it is spoken between an enclave and its keeper: what is secret in the answers is encrypted. Sockets
 * leave
 * copies of what they carry in the ordinary memory of both processes and in the kernel's, and an enclave's heap may be secret
 * memory, so
 * that no copy outside it may be worth reading. {@link EncryptedAnswers} is both ends of it.
 */
public interface PlatformAnswers {
    /** {@return as {@link PlatformService#launch}} */
    Launch launch();

    /**
     * As {@link PlatformService#report}.
     *
     * @param reportData 64 bytes
     * @return a signed keeper report
     */
    byte[] report(byte[] reportData);

    /**
     * Makes the key under which secret answers of this connection are encrypted from now on; once for each connection.
     *
     * @param publicKey of X-Wing, 1216 bytes, made by the enclave for this alone
     * @return the key, 32 bytes, sealed to the public key by HPKE (RFC 9180) with the information
     * {@code innerkeep keeper answers v1}: the
     *     encapsulation, 1120 bytes, and the encrypted key, 48 bytes
     */
    byte[] answerKey(byte[] publicKey);

    /**
     * As {@link PlatformService#sealingKey}, encrypted.
     *
     * @param request which one
     * @return a nonce of 12 random bytes, and the key encrypted under the answer key by AES-256-GCM with its tag of 16 bytes
     * @throws SealingRefusedException if the enclave may not have that key
     */
    byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException;

    /**
     * As {@link PlatformService#claimRegister}: versions and digests of sealed records, which whoever keeps those has too.
     *
     * @param name of the register
     * @return what it says; nothing where it was never set
     * @throws RegisterRefusedException if the enclave does not get it
     */
    Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException;

    /**
     * As {@link PlatformService#advanceRegister}.
     *
     * @param name of the register
     * @param from the version that it has now; 0 where it was never set
     * @param to what it is to say
     * @throws RegisterRefusedException if it is not known to be set
     */
    void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException;

    /** As {@link PlatformService#waiting}. */
    void waiting();
}
