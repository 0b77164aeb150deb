package org.innerkeep.examples.split.outside;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.client.Client;
import org.innerkeep.examples.split.Payment;
import org.innerkeep.examples.split.Suspicious;
import org.innerkeep.examples.split.badly.Merchants;
import org.innerkeep.examples.split.badly.Scoring;
import org.innerkeep.examples.split.badly.Weights;
import org.innerkeep.host.Enclave;

/** The operator and the bank of the enclave that is split badly. */
public final class BadlyOutside {
    private BadlyOutside() {}

    /**
     * What the operator offers to the enclave.
     *
     * @param sample the data
     * @return the register, row by row
     */
    public static Merchants merchants(Sample sample) {
        return id -> {
            var found = sample.merchants().get(id);
            if (found == null) {
                throw new IllegalArgumentException("no such merchant");
            }
            return found;
        };
    }

    /**
     * What the operator does first.
     *
     * @param enclave the enclave
     * @param sample the data
     */
    public static void prepare(Enclave enclave, Sample sample) {
        enclave.bind(Weights.class).load(new Gson().toJson(sample.weights()));
    }

    /**
     * What the bank does.
     *
     * @param client a session with the enclave
     * @param sample the data
     * @param least the least score that is suspicious
     * @return what is suspicious
     */
    public static List<Suspicious> find(Client client, Sample sample, int least) {
        Scoring scoring = client.bind(Scoring.class);
        List<Suspicious> found = new ArrayList<>();
        for (Payment payment : sample.payments()) {
            Scoring.Scored scored = scoring.score(payment);
            if (scored.score() >= least) {
                found.add(new Suspicious(scored.payment().id(), scored.score()));
            }
        }
        return found;
    }
}
