package org.innerkeep.vault.release;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.channel.release.VaultCall;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;

/** From a call to claims that are proven, fresh and about this very request. Safe for use by several threads. */
final class Appraisal {
    private final Verifier verifier;
    private final Endorsements local;
    private final Optional<Endorsements> fetched;
    private final ReleaseSettings settings;

    Appraisal(Verifier verifier, Endorsements local, Optional<Endorsements> fetched, ReleaseSettings settings) {
        this.verifier = verifier;
        this.local = local;
        this.fetched = fetched;
        this.settings = settings;
    }

    Claims prove(VaultCall call, Instant at) throws RefusedException {
        Bytes evidence = call.evidence();
        List<Bytes> endorsements = call.endorsements();
        byte[] reportData = call.request().reportData();
        Endorsements hand;
        try {
            hand = endorsements.isEmpty()
                    ? local
                    : Endorsements.allOf(List.of(EndorsementPool.of(endorsements), local));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        Verdict verdict = verify(evidence, reportData, hand, at);
        boolean more = verdict instanceof Verdict.Undecided
                // Whoever brings endorsements chooses how old they are: what is newer counts.
                || (verdict instanceof Verdict.Accepted && !endorsements.isEmpty());
        if (more && fetched.isPresent()) {
            // Only now: whoever sends what is forged must not make the vault ask others for anything.
            verdict = verify(evidence, reportData, Endorsements.allOf(List.of(hand, fetched.get())), at);
        }
        Claims claims = switch (verdict) {
            case Verdict.Accepted accepted -> accepted.claims();
            case Verdict.Refused refused ->
                throw refusal(Code.INVALID_PARAMETER, "The evidence is refused.", refused.reasons());
            case Verdict.Undecided undecided ->
                throw refusal(Code.UNDECIDED, "It could not be found out whether the evidence is right.", undecided.reasons());
        };
        if (claims.kind().equals("token")) {
            throw new RefusedException(Code.INVALID_PARAMETER,
                    "evidence: a token is the word of its issuer; this vault wants the evidence itself.");
        }
        Instant oldest = at.minus(settings.evidenceAge());
        if (claims.issuedAt().isPresent() && claims.issuedAt().get().isBefore(oldest)) {
            throw refusal(Code.INVALID_PARAMETER, "The evidence is refused.", List.of(new Reason(
                    Reason.Code.EVIDENCE_STALE,
                    "issued-at",
                    claims.issuedAt().get().toString(),
                    "at most " + shown(settings.evidenceAge()) + " before " + at,
                    "Check the clock of the enclave's platform against the vault's; ask again with fresh evidence.")));
        }
        return claims;
    }

    private Verdict verify(Bytes evidence, byte[] reportData, Endorsements endorsements, Instant at) {
        return verifier.verify(
                evidence.toArray(), endorsements, at, settings.options().reportData(Bytes.of(reportData)));
    }

    private static String shown(Duration duration) {
        return duration.toSeconds() + " seconds";
    }

    private static RefusedException refusal(Code code, String what, List<Reason> reasons) {
        return new RefusedException(new Problem(
                code,
                what + " " + reasons.getFirst() + (reasons.size() > 1 ? " And " + (reasons.size() - 1) + " more." : ""),
                reasons.stream().map(Reason::toString).toList()));
    }
}
