package org.innerkeep.vault.grant;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.function.Consumer;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** The stored form of grants: read or refused, and written again as it was. */
class GrantFuzzTest {
    private static final List<byte[]> GRANTS = List.of(GrantTest.plain().toByteArray(), GrantTest.full().toByteArray());

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(41, GRANTS).run(30_000, input -> read(input, grant -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(41, GRANTS).run(30_000, input -> read(input, grant -> {
                    if (grant.code() instanceof GrantedCode.Signed signed && signed.leastVersion() != 3) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data, grant -> {});
    }

    private static void read(byte[] input, Consumer<Grant> behind) {
        Grant grant;
        try {
            grant = Grant.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(grant.toByteArray()).isEqualTo(input);
        behind.accept(grant);
    }
}
