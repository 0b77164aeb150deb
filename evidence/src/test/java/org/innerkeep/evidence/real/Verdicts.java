package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.VerifierOptions;

/** The rule of the vectors by which evidence is accepted or refused, for kinds that need no endorsements. */
final class Verdicts {
    /** What says that a signature, or the way to a pinned key, is wrong; evidence whose parts do not parse has none. */
    private static final Set<Code> ABOUT_SIGNATURES = EnumSet.of(
            Code.SIGNATURE_INVALID, Code.ANCHOR_NOT_PINNED, Code.CHAIN_INVALID, Code.ALGORITHM_WEAK, Code.MALFORMED, Code.ENDORSEMENT_MISSING);

    /** Verifies one case with some options. */
    @FunctionalInterface
    interface Attempt {
        Verdict with(VerifierOptions options);
    }

    private Verdicts() {}

    /**
     * Takes what is expected of the verdict and checks it.
     *
     * @return the claims, where the evidence is to be accepted, perhaps with debugging allowed; else nothing
     */
    static List<Claims> check(RealCase each, VerifierOptions strict, Attempt attempt) {
        Expected expected = each.expected();
        boolean decidable = expected.take("signature").isPresent();
        boolean valid = expected.has("signature") && "valid".equals(expected.text("signature").orElse(""));
        boolean wrong = !expected.texts("failures").isEmpty();
        boolean debug = expected.has("debug") && expected.flag("debug").orElse(false);
        Verdict verdict = attempt.with(strict);
        Verdict lenient = attempt.with(strict.allowDebug());
        if (valid) {
            assertThat(codes(verdict)).as("%s has a valid signature", each).doesNotContain(
                    Code.SIGNATURE_INVALID, Code.ANCHOR_NOT_PINNED, Code.CHAIN_INVALID, Code.MALFORMED);
        } else if (decidable) {
            assertThat(codes(verdict)).as("%s has an invalid signature", each).containsAnyElementsOf(ABOUT_SIGNATURES);
        }
        if (!valid || wrong) {
            assertThat(verdict).as("%s", each).isNotInstanceOf(Verdict.Accepted.class);
            assertThat(lenient).as("%s", each).isNotInstanceOf(Verdict.Accepted.class);
            return List.of();
        }
        if (debug) {
            assertThat(codes(verdict)).as("%s can be debugged", each).contains(Code.DEBUG_ENCLAVE);
        } else {
            assertThat(verdict).as("%s", each).isInstanceOf(Verdict.Accepted.class);
        }
        assertThat(lenient).as("%s", each).isInstanceOf(Verdict.Accepted.class);
        Claims claims = ((Verdict.Accepted) lenient).claims();
        assertThat(claims.debug()).as("%s", each).isEqualTo(debug);
        return List.of(claims);
    }

    static Set<Code> codes(Verdict verdict) {
        Set<Code> found = EnumSet.noneOf(Code.class);
        switch (verdict) {
            case Verdict.Accepted accepted -> {}
            case Verdict.Refused refused -> refused.reasons().stream().map(Reason::code).forEach(found::add);
            case Verdict.Undecided undecided -> undecided.reasons().stream().map(Reason::code).forEach(found::add);
        }
        return found;
    }
}
