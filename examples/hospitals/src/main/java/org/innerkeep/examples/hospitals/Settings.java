package org.innerkeep.examples.hospitals;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * The parameters of this job. All must be given: what is left out of an agreement is not agreed.
 *
 * @param rounds how many trees, 1 to 10,000
 * @param maxDepth the depth of a tree, 1 to 16
 * @param learningRate more than 0 up to 1
 * @param heldOut the share of patients on whom models are judged and never trained, 0.05 to 0.95
 */
record Settings(int rounds, int maxDepth, BigDecimal learningRate, BigDecimal heldOut) {

    static Settings of(Map<String, JobParameter> parameters) throws RefusedException {
        Settings settings = new Settings(
                number(parameters, "rounds", "1", "10000", true).intValueExact(),
                number(parameters, "maxDepth", "1", "16", true).intValueExact(),
                number(parameters, "learningRate", "0.000001", "1", false),
                number(parameters, "heldOut", "0.05", "0.95", false));
        Set<String> unknown = new HashSet<>(parameters.keySet());
        unknown.removeAll(Set.of("rounds", "maxDepth", "learningRate", "heldOut"));
        unknown.removeIf(OwnersVault::names);
        if (!unknown.isEmpty()) {
            throw RefusedException.of(Reason.JOB_UNUSABLE, "unknown parameters " + unknown);
        }
        return settings;
    }

    private static BigDecimal number(
            Map<String, JobParameter> parameters, String name, String least, String most, boolean whole)
            throws RefusedException {
        if (parameters.get(name) instanceof JobParameter.Decimal(BigDecimal value)
                && value.compareTo(new BigDecimal(least)) >= 0
                && value.compareTo(new BigDecimal(most)) <= 0
                && (!whole || value.scale() == 0)) {
            return value;
        }
        throw RefusedException.of(
                Reason.JOB_UNUSABLE,
                "parameter " + name + ": expected a " + (whole ? "whole " : "") + "number from " + least + " to " + most);
    }
}
