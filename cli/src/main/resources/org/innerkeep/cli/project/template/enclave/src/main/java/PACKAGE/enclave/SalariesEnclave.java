package @PACKAGE@.enclave;

import @PACKAGE@.Salaries;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** Inside: takes salaries and lets out their median. */
public final class SalariesEnclave implements EnclaveProgram {
    /** The median of fewer would point at somebody. Who changes this changes the measurement, and clients refuse. */
    static final int LEAST = 5;

    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerToClients(Salaries.class, new Register(LEAST));
    }
}
