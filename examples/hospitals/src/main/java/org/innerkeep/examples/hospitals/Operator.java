package org.innerkeep.examples.hospitals;

import java.util.List;
import org.innerkeep.channel.call.HostVisible;

/** What the enclave offers to the operator's host. Nothing here tells of any record. */
@HostVisible
public interface Operator {
    /**
     * Gives the enclave its job. Owners compare it with the one that they agreed to.
     *
     * @param job the exact bytes of the job file
     * @return whether the enclave takes it
     */
    Answer agree(byte[] job);

    /**
     * Gives the enclave one owner's sealed file.
     *
     * @param owner the owner's name in the job
     * @param sealed ciphertext
     * @return whether the enclave takes it
     */
    Answer input(String owner, byte[] sealed);

    /**
     * Obtains the keys of files from the vaults that the job names, for owners who have not released themselves. The host must
     * carry to these vaults, and have given the files. What was obtained stays, if a later owner's vault refuses.
     *
     * @return whether all of them are there
     */
    Answer obtain();

    /** {@return how far things are} */
    Status status();

    /**
     * Trains, if every owner of the job has released.
     *
     * @return the sealed results, or why not
     */
    Answer train();

    /** The enclave's answer. */
    sealed interface Answer {
        /** It is done. */
        record Done() implements Answer {}

        /**
         * The training is done.
         *
         * @param results one for each recipient, to be stored
         */
        record Trained(List<SealedResult> results) implements Answer {}

        /**
         * It is refused.
         *
         * @param reason why
         */
        record Refused(RefusedException.Reason reason) implements Answer {}

        /**
         * An owner's vault gave no key.
         *
         * @param owner the owner's name in the job
         * @param reason why
         * @param explanation what the vault said, or what the host did; nothing that the host does not know
         */
        record NotObtained(String owner, RefusedException.Reason reason, String explanation) implements Answer {}
    }

    /**
     * How far things are.
     *
     * @param released names of the owners who released
     * @param trained whether the training is done
     */
    record Status(List<String> released, boolean trained) {}
}
