package org.innerkeep.examples.split.well;

import java.util.List;
import org.innerkeep.examples.split.Payment;
import org.innerkeep.examples.split.Suspicious;

/** For the bank: many payments in, what matters out. */
public interface Suspicion {
    /**
     * Finds suspicious payments.
     *
     * @param least the least score, from 0 to 100
     * @param payments the payments
     * @return those with this score or more, in their order
     */
    List<Suspicious> among(int least, List<Payment> payments);
}
