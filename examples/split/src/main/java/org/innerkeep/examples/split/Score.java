package org.innerkeep.examples.split;

import java.util.Map;

/** The rule by which payments are scored: the one thing that both versions share. */
public final class Score {
    private static final int CLOSED = 60;
    private static final long LARGE_CENTS = 100_000;
    private static final int LARGE = 20;
    private static final int MOST = 100;

    private Score() {}

    /**
     * Scores a payment.
     *
     * @param payment the payment
     * @param merchant to whom it goes
     * @param weights what a country adds, by its letters; others add nothing
     * @return from 0, not suspicious, to 100
     */
    public static int of(Payment payment, Merchant merchant, Map<String, Integer> weights) {
        int score = merchant.complaints() + weights.getOrDefault(payment.country(), 0);
        score += merchant.closed() ? CLOSED : 0;
        score += payment.cents() >= LARGE_CENTS ? LARGE : 0;
        return Math.min(MOST, score);
    }
}
