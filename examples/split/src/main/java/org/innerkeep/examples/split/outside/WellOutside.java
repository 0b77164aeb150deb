package org.innerkeep.examples.split.outside;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.innerkeep.client.Client;
import org.innerkeep.examples.split.Payment;
import org.innerkeep.examples.split.Suspicious;
import org.innerkeep.examples.split.well.Reference;
import org.innerkeep.examples.split.well.Suspicion;
import org.innerkeep.host.Enclave;

/** The operator and the bank of the enclave that is split well. */
public final class WellOutside {
    private static final int BATCH = 1000;

    private WellOutside() {}

    /**
     * What the operator does first.
     *
     * @param enclave the enclave
     * @param sample the data
     */
    public static void prepare(Enclave enclave, Sample sample) {
        String lines = sample.merchants().values().stream()
                .map(each -> each.id() + "," + each.complaints() + "," + each.closed() + "\n")
                .collect(Collectors.joining());
        int loaded = enclave.bind(Reference.class)
                .load(sample.weights(), new ByteArrayInputStream(lines.getBytes(StandardCharsets.US_ASCII)));
        if (loaded != sample.merchants().size()) {
            throw new IllegalStateException("the enclave has loaded " + loaded + " merchants of " + sample.merchants().size());
        }
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
        Suspicion suspicion = client.bind(Suspicion.class);
        List<Suspicious> found = new ArrayList<>();
        List<Payment> payments = sample.payments();
        for (int i = 0; i < payments.size(); i += BATCH) {
            found.addAll(suspicion.among(least, payments.subList(i, Math.min(payments.size(), i + BATCH))));
        }
        return found;
    }
}
