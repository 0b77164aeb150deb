package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.junit.jupiter.api.Test;

class LockdownTest {
    private static final Confinement CLAIMED = Confinement.of(Mechanism.SECCOMP);

    @Test
    void aClaimWithoutTheKeepersListEndsTheStart() {
        Optional<Machine> machine = Machine.current();
        assumeTrue(machine.isPresent(), "this machine's calls are not known");
        assumeTrue(
                new Kernel(machine.get()).call(SystemCall.PRCTL, Kernel.PR_GET_SECCOMP) == 0,
                "these tests are under a filter themselves: it would be taken for the keeper's");

        assertThatIOException()
                .isThrownBy(() -> Lockdown.apply(machine, CLAIMED, false))
                .withMessageContaining("mode 0 and not 2");
    }

    @Test
    void aClaimOnAMachineWhoseCallsAreNotKnownEndsTheStart() {
        assertThatIOException()
                .isThrownBy(() -> Lockdown.apply(Optional.empty(), CLAIMED, false))
                .withMessageContaining("not known");
    }

    @Test
    void whereNothingIsClaimedNothingIsDone() {
        assertThatCode(() -> Lockdown.apply(Machine.current(), Confinement.of(Mechanism.LANDLOCK), false))
                .doesNotThrowAnyException();
        assertThatCode(() -> new ProcessBuilder("/bin/true").start().waitFor()).doesNotThrowAnyException();
    }
}
