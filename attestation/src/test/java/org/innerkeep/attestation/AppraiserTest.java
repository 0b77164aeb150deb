package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.TcbStatus;
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
    void whoBringsOlderEndorsementsDoesNotChooseTheStatusOfItsPlatform() throws Exception {
        FakeIntel.Level level = new FakeIntel.Level(FakeIntel.COMPONENTS, 13, Bytes.fromHex("05000300000000000000000000000000"),
                TcbStatus.OUT_OF_DATE, Instant.parse("2025-05-14T00:00:00Z"), List.of());
        List<Bytes> newer = new ArrayList<>(INTEL.collateral());
        newer.set(0, INTEL.tcbInfo(Need.Tee.SGX, wish -> wish.evaluation(FakeIntel.EVALUATION + 1).levels(List.of(level))));
        newer.set(1, INTEL.qeIdentity(Need.Tee.SGX, wish -> wish.evaluation(FakeIntel.EVALUATION + 1)));
        AttestationRequest request = new AttestationRequest(
                AttestationType.EVIDENCE, Bytes.of(INTEL.sgxQuote(3, wish -> {})), INTEL.collateral(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
        SetPolicy policy = SetPolicy.of(PolicyJws.unsigned(DefaultPolicies.of(AttestationType.EVIDENCE)));

        Appraisal appraisal = appraiser.appraise(
                request,
                policy,
                new Appraiser.Sources(Endorsements.none(), Optional.of(FakeIntel.pool(newer))),
                Rig.NOW,
                false);

        assertThat(appraisal.outcome()).isInstanceOfSatisfying(Appraisal.Outcome.Permitted.class, permitted ->
                assertThat(String.valueOf(permitted.claims().get("innerkeep"))).contains("tcb-status=OutOfDate"));
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
