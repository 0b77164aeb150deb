package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.innerkeep.channel.keeper.StartRefusedException;
import org.junit.jupiter.api.Test;

class SecretHeapsTest {
    @Test
    void allTogetherHaveNoMoreThanTheirShare() throws Exception {
        SecretHeaps heaps = new SecretHeaps(100);
        heaps.take(60);
        heaps.take(40);

        assertThatExceptionOfType(StartRefusedException.class)
                .isThrownBy(() -> heaps.take(1))
                .withMessageContaining("locks 1 bytes")
                .withMessageContaining("of the 100 bytes")
                .withMessageContaining("100 are taken");
    }

    @Test
    void whatEndedIsFreeAgainAndWhatWasRefusedWasNotTaken() throws Exception {
        SecretHeaps heaps = new SecretHeaps(100);
        heaps.take(60);
        assertThatExceptionOfType(StartRefusedException.class).isThrownBy(() -> heaps.take(Long.MAX_VALUE));
        assertThatExceptionOfType(StartRefusedException.class).isThrownBy(() -> heaps.take(41));
        heaps.giveBack(60);

        assertThatCode(() -> heaps.take(100)).doesNotThrowAnyException();
    }
}
