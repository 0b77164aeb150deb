package org.innerkeep.examples.split.badly;

import org.innerkeep.examples.split.Payment;

/** For the bank: one payment in each call, and all of it back with its score. */
public interface Scoring {
    /**
     * Scores a payment.
     *
     * @param payment the payment
     * @return the payment, its score, and why
     */
    Scored score(Payment payment);

    /**
     * A payment that was scored.
     *
     * @param payment the payment
     * @param score from 0 to 100
     * @param why in words
     */
    record Scored(Payment payment, int score, String why) {}
}
