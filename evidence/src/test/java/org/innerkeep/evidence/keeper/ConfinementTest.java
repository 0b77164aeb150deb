package org.innerkeep.evidence.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.junit.jupiter.api.Test;

class ConfinementTest {
    private static final int ALL = (1 << Mechanism.values().length) - 1;

    /** The bits are in sealed values, which outlive the software. */
    @Test
    void bitsNeverChangeTheirMeaning() {
        assertThat(Confinement.of(Mechanism.SECRET_HEAP).bits()).isEqualTo(1);
        assertThat(Confinement.of(Mechanism.LANDLOCK).bits()).isEqualTo(2);
        assertThat(Confinement.of(Mechanism.SECCOMP).bits()).isEqualTo(4);
        assertThat(Confinement.of(Mechanism.NAMESPACES).bits()).isEqualTo(8);
        assertThat(Confinement.of(Mechanism.CGROUP).bits()).isEqualTo(16);
    }

    @Test
    void includesExactlyThoseWhoseMechanismsItHas() {
        for (int one = 0; one <= ALL; one++) {
            for (int other = 0; other <= ALL; other++) {
                assertThat(Confinement.ofBits(one).includes(Confinement.ofBits(other)))
                        .as("%s and %s", one, other)
                        .isEqualTo((one & other) == other);
            }
        }
    }

    @Test
    void refusesBitsOfNoMechanism() {
        for (long bits : new long[] {-1, ALL + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThatIllegalArgumentException().as("%s", bits).isThrownBy(() -> Confinement.ofBits(bits));
        }
    }

    @Test
    void namesItsMechanismsInTheirOrder() {
        assertThat(Confinement.NONE).hasToString("none");
        assertThat(Confinement.of(Mechanism.SECCOMP, Mechanism.SECRET_HEAP)).hasToString("secret-heap, seccomp");
        for (Mechanism each : Mechanism.values()) {
            assertThat(Mechanism.parse(each.toString())).isEqualTo(each);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Mechanism.parse("SECRET_HEAP")).withMessageContaining("secret-heap");
    }
}
