package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Both languages must decide the same, or their rates say nothing. */
class PolicyRatesTest {
    @Test
    void bothLanguagesPermitTheSameAndIssueTheSame() throws Exception {
        for (PolicyRates.Job job : PolicyRates.jobs()) {
            assertThat(PolicyRates.ours(job).call()).as(job.name()).isTrue();
            assertThat(PolicyRates.cel(job, false).call()).as(job.name()).isTrue();
            assertThat(PolicyRates.cel(job, true).call()).as(job.name()).isTrue();
        }
    }

    @Test
    void bothLanguagesRefuseTheSame() throws Exception {
        Map<String, Object> wrong = Map.of("x-ms-sgx-is-debuggable", true, "x-ms-sgx-product-id", 2L, "x-ms-sgx-svn", 2L,
                "x-ms-sgx-mrsigner", "other", "tcb-status", "OutOfDate");
        for (PolicyRates.Job job : PolicyRates.jobs()) {
            for (Map.Entry<String, Object> each : wrong.entrySet()) {
                Map<String, Object> claims = new HashMap<>(job.claims());
                claims.put(each.getKey(), each.getValue());
                PolicyRates.Job changed = new PolicyRates.Job(job.name(), job.policy(), job.expression(), claims, job.issued());

                assertThat(PolicyRates.ours(changed).call()).as(each.getKey()).isFalse();
                assertThat(PolicyRates.cel(changed, false).call()).as(each.getKey()).isFalse();
                assertThat(PolicyRates.cel(changed, true).call()).as(each.getKey()).isFalse();
            }
        }
    }
}
