package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimTest {
    @Test
    void severalValuesAreSeveralClaimsHoweverDeepAndValuesByNameAreJson() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("b", List.of("one", List.of(2L, List.of(true)), Map.of("x", List.of("y", 1L))));
        values.put("a", Map.of("n", Map.of("t", false)));
        values.put("none", List.of());

        assertThat(Claim.proven(values)).containsExactly(
                Claim.proven("b", "one"),
                Claim.proven("b", 2),
                Claim.proven("b", true),
                Claim.proven("b", "{\"x\":[\"y\",1]}"),
                Claim.proven("a", "{\"n\":{\"t\":false}}"));
    }

    @Test
    void whatNoClaimCanHaveIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Claim.proven("a", 1.5));
        assertThatIllegalArgumentException().isThrownBy(() -> Claim.proven("a", Map.of("b", 1.5)));
        assertThatIllegalArgumentException().isThrownBy(() -> Claim.proven("a", List.of(1)));
    }
}
