package org.innerkeep.examples.split.badly;

import java.time.Duration;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.examples.split.Merchant;
import org.innerkeep.examples.split.Payment;
import org.innerkeep.examples.split.Score;

/** Inside, split badly: asks the host for each payment's merchant, parses JSON, and gives back everything. */
public final class BadlySplit implements EnclaveProgram {
    private static final Duration LOOK_UP = Duration.ofSeconds(5);

    @Override
    public void start(EnclaveContext enclave) {
        LoadedWeights weights = new LoadedWeights();
        Merchants merchants = enclave.host(Merchants.class, LOOK_UP);
        enclave.offerToHost(Weights.class, weights);
        enclave.offerToClients(Scoring.class, payment -> score(payment, merchants.find(payment.merchant()), weights));
    }

    private static Scoring.Scored score(Payment payment, Merchant merchant, LoadedWeights weights) {
        int score = Score.of(payment, merchant, weights.all());
        return new Scoring.Scored(
                payment,
                score,
                "merchant " + merchant.id() + (merchant.closed() ? " is closed" : " trades") + " and has " + merchant.complaints()
                        + " complaints of a hundred payments");
    }
}
