package org.innerkeep.examples.hospitals;

import java.io.IOException;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveIdentity;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * Whether this enclave is code that a job names. Owners check that themselves before they release; the enclave checks it too,
 * so that a true enclave never takes up a job that was meant for other code.
 */
final class OwnCode {
    /** Finds out the digest of the Java runtime that the enclave runs on. */
    @FunctionalInterface
    interface Runtime {
        Bytes digest() throws IOException;
    }

    private static final String PURPOSE = "innerkeep hospitals own code v1";

    private final EnclaveIdentity identity;
    private final Runtime runtime;

    OwnCode(EnclaveIdentity identity, Runtime runtime) {
        this.identity = identity;
        this.runtime = runtime;
    }

    /** What the platform says of an enclave; the runtime only its evidence tells, so that is asked for when a job names one. */
    static OwnCode of(EnclaveContext enclave) {
        return new OwnCode(enclave.identity(), () -> {
            try {
                return KeeperReport.parse(enclave.attest(PURPOSE, new byte[0])).report().runtimeDigest();
            } catch (MalformedException e) {
                throw new IOException("the platform's evidence does not tell the runtime", e);
            }
        });
    }

    /**
     * Compares.
     *
     * @param code what a job names
     * @return whether this enclave is such code
     * @throws IOException if the job names runtimes, and the platform does not tell which one this is
     */
    boolean is(JobCode code) throws IOException {
        return identity.signer().equals(code.signer())
                && identity.productId() == code.product()
                && identity.securityVersion() >= code.minSvn()
                && (code.measurements().isEmpty() || code.measurements().contains(identity.measurement()))
                && (code.runtimes().isEmpty() || code.runtimes().contains(runtime.digest()));
    }
}
