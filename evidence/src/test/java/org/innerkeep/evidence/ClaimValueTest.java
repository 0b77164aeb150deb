package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimValueTest {
    @Test
    void aValueInPlainJavaIsTheSameThroughAndThroughAndInItsOrder() {
        Map<String, ClaimValue> fields = new LinkedHashMap<>();
        fields.put("z", ClaimValue.of("text"));
        fields.put("a", ClaimValue.of(-5));
        fields.put("m", new ClaimValue.Many(List.of(ClaimValue.of(true), new ClaimValue.Group(Map.of("x", ClaimValue.of(1))))));

        Map<String, Object> plain = new ClaimValue.Group(fields).plain();

        assertThat(plain).containsExactly(
                Map.entry("z", "text"), Map.entry("a", -5L), Map.entry("m", List.of(true, Map.of("x", 1L))));
    }
}
