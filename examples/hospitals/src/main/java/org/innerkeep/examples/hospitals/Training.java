package org.innerkeep.examples.hospitals;

import java.util.Optional;

/** What the enclave offers to the hospitals. */
public interface Training {
    /**
     * The job that the operator gave to the enclave.
     *
     * @return the exact bytes of the job file; empty while there is none
     */
    Optional<byte[]> job();

    /**
     * To whom file keys are sealed for this enclave: made when it started, and known nowhere else. That it is the enclave's own
     * follows from the attested session that it comes in.
     *
     * @return a hybrid age recipient, {@code age1pq1…}
     */
    String recipient();

    /**
     * Gives the key of one owner's file to this job, and to no other.
     *
     * @param release what is released, signed for this job and this session
     * @return how many records the enclave read from the file
     * @throws RefusedException if the release or the file is not what it must be; nothing is kept then
     */
    int release(Release release) throws RefusedException;

    /**
     * What came out, sealed to one recipient of the job. Anybody may fetch it; only the recipient can open it.
     *
     * @param recipient the recipient's name in the job
     * @return empty until the training is done
     * @throws RefusedException if the job names no such recipient
     */
    Optional<SealedResult> result(String recipient) throws RefusedException;
}
