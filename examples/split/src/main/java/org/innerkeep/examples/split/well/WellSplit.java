package org.innerkeep.examples.split.well;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.examples.split.Merchant;
import org.innerkeep.examples.split.Payment;
import org.innerkeep.examples.split.Score;
import org.innerkeep.examples.split.Suspicious;

/** Inside, split well: has the table, takes payments by the hundred, and gives back those that matter. */
public final class WellSplit implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        Register register = new Register();
        enclave.offerToHost(Reference.class, register);
        enclave.offerToClients(Suspicion.class, (least, payments) -> among(least, payments, register.loaded()));
    }

    private static List<Suspicious> among(int least, List<Payment> payments, Register.Loaded loaded) {
        List<Suspicious> found = new ArrayList<>();
        for (Payment payment : payments) {
            Merchant merchant = loaded.merchants().get(payment.merchant());
            if (merchant == null) {
                throw new IllegalStateException("the operator's table has no merchant of that number");
            }
            int score = Score.of(payment, merchant, loaded.weights());
            if (score >= least) {
                found.add(new Suspicious(payment.id(), score));
            }
        }
        return found;
    }
}
