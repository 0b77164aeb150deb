package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.makers.FakeIntel;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.Test;

/** Appraisal without a store or a network. */
class AppraiserTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);

    private final AtomicInteger asked = new AtomicInteger();
    private final Appraiser appraiser = new Appraiser(new Verifier(), Floors.ofInterface(List.of(INTEL.anchor())));

    private final Endorsements fetched = need -> {
        asked.incrementAndGet();
        return INTEL.endorsements().find(need);
    };

    private Appraisal appraise(byte[] quote, Endorsements local) throws RefusedException {
        AttestationRequest request = new AttestationRequest(
                AttestationType.SGX_ENCLAVE, Bytes.of(quote), List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty());
        SetPolicy policy = SetPolicy.of(PolicyJws.unsigned(DefaultPolicies.of(AttestationType.SGX_ENCLAVE)));
        return appraiser.appraise(request, policy, new Appraiser.Sources(local, Optional.of(fetched)), Rig.NOW, false);
    }

    @Test
    void forgedEvidenceIsRefusedBeforeAnythingIsFetched() throws Exception {
        byte[] quote = INTEL.sgxQuote(3, wish -> {});
        quote[48 + FakeIntel.SGX_REPORTDATA] ^= 1;

        assertThat(appraise(quote, Endorsements.none()).outcome()).isInstanceOf(Appraisal.Outcome.NotPermitted.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void whatIsMissingIsFetchedAndKeptWithTheDecision() throws Exception {
        Appraisal appraisal = appraise(INTEL.sgxQuote(3, wish -> {}), Endorsements.none());

        assertThat(appraisal.outcome()).isInstanceOf(Appraisal.Outcome.Permitted.class);
        assertThat(asked.get()).isPositive();
        assertThat(appraisal.endorsements()).isPresent();
    }

    @Test
    void nothingIsFetchedWhereEverythingIsAtHand() throws Exception {
        Appraisal appraisal = appraise(INTEL.sgxQuote(3, wish -> {}), INTEL.endorsements());

        assertThat(appraisal.outcome()).isInstanceOf(Appraisal.Outcome.Permitted.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void theSameComesOutOfTheSame() throws Exception {
        byte[] quote = INTEL.sgxQuote(3, wish -> {});
        Endorsements same = INTEL.endorsements();

        assertThat(appraise(quote, same).equals(appraise(quote, same))).isTrue();
    }

    @Test
    void everyDefaultPolicyIsOne() {
        for (AttestationType type : AttestationType.values()) {
            if (type.offered()) {
                assertThat(Policy.parse(DefaultPolicies.of(type)))
                        .isInstanceOf(Parsed.Valid.class);
            }
        }
    }
}
