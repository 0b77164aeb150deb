package org.innerkeep.attestation;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.VerifierOptions;

/**
 * What the service asks of all evidence, before and whatever a policy says. What a claim tells (debug, migration, TCB status) is left to
 * policies unless the operator raises a floor, as the interface has it: a token then says what was found. What no claim tells (a missing
 * revocation list, a digest that can be forged) is refused here.
 *
 * @param anchors whom the service trusts; evidence that none of them vouches for never gets to a policy
 * @param debug whether debug is left to policies, else refused
 * @param migration whether migration is left to policies, else refused
 * @param tcb the TCB statuses that are left to policies; others are refused, and {@code Revoked} always
 * @param leastEvaluation the oldest of Intel's TCB evaluations
 * @param missingRevocationList whether AMD's certificates are accepted without a revocation list at hand
 */
public record Floors(
        List<Anchor> anchors,
        boolean debug,
        boolean migration,
        Set<TcbStatus> tcb,
        OptionalInt leastEvaluation,
        boolean missingRevocationList) {
    /** Copies the lists. */
    public Floors {
        anchors = List.copyOf(anchors);
        tcb = Set.copyOf(tcb);
    }

    /**
     * The floors of the interface: everything that a claim tells is left to policies.
     *
     * @param anchors whom the service trusts
     * @return the floors
     */
    public static Floors ofInterface(List<? extends Anchor> anchors) {
        return new Floors(
                List.copyOf(anchors),
                true,
                true,
                EnumSet.complementOf(EnumSet.of(TcbStatus.REVOKED)),
                OptionalInt.empty(),
                false);
    }

    /**
     * The verifier's options.
     *
     * @param policyEvaluation the oldest evaluation that a policy accepts
     * @return options with the stricter of both
     */
    VerifierOptions options(OptionalInt policyEvaluation) {
        VerifierOptions options = VerifierOptions.of(anchors);
        options = debug ? options.allowDebug() : options;
        options = migration ? options.allowMigration() : options;
        options = missingRevocationList ? options.allowMissingRevocationList() : options;
        options = options.acceptTcb(tcb.stream().filter(each -> each != TcbStatus.REVOKED).toArray(TcbStatus[]::new));
        int least = Math.max(leastEvaluation.orElse(0), policyEvaluation.orElse(0));
        return least > 0 ? options.leastTcbEvaluation(least) : options;
    }
}
