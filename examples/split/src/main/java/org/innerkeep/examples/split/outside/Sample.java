package org.innerkeep.examples.split.outside;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.innerkeep.examples.split.Merchant;
import org.innerkeep.examples.split.Payment;

/**
 * Made-up data, the same each time.
 *
 * @param merchants the operator's register, by number
 * @param weights what countries add to scores
 * @param payments the bank's
 */
public record Sample(Map<String, Merchant> merchants, Map<String, Integer> weights, List<Payment> payments) {
    private static final int MERCHANTS = 500;
    private static final List<String> COUNTRIES = List.of("AT", "BE", "CH", "DE", "DK", "ES", "FR", "IT", "NL", "PL", "PT", "SE");

    /** Copies the collections. */
    public Sample {
        merchants = Map.copyOf(merchants);
        weights = Map.copyOf(weights);
        payments = List.copyOf(payments);
    }

    /**
     * Makes data.
     *
     * @param count how many payments
     * @return the data
     */
    public static Sample of(int count) {
        Random random = new Random(20_261_128);
        Map<String, Merchant> merchants = new LinkedHashMap<>();
        for (int i = 0; i < MERCHANTS; i++) {
            String id = "m" + (10_000 + i);
            merchants.put(id, new Merchant(id, random.nextInt(30), random.nextInt(50) == 0));
        }
        Map<String, Integer> weights = new LinkedHashMap<>();
        COUNTRIES.forEach(country -> weights.put(country, random.nextInt(25)));
        List<Payment> payments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            payments.add(new Payment(
                    "p" + i, "m" + (10_000 + random.nextInt(MERCHANTS)), COUNTRIES.get(random.nextInt(COUNTRIES.size())),
                    1 + random.nextInt(150_000)));
        }
        return new Sample(merchants, weights, payments);
    }
}
