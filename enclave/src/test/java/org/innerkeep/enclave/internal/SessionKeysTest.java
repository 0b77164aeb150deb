package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.innerkeep.channel.session.SessionKey;
import org.junit.jupiter.api.Test;

class SessionKeysTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final SessionKeys keys = keys();

    private SessionKeys keys() {
        try {
            return new SessionKeys(PlatformDriver.attester(new TestPlatform("fraud", 1)), new SecureRandom(), () -> now);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKeyServesForAnHourAndIsThenMadeAnewWithNewEvidence() throws Exception {
        SessionKey first = keys.current();
        now = now.plus(Duration.ofMinutes(59));
        assertThat(keys.current()).isSameAs(first);
        now = now.plus(Duration.ofMinutes(2));
        assertThat(keys.current().id()).isNotEqualTo(first.id());
    }

    @Test
    void aClockThatIsSetBackKeepsNoKeyForEver() throws Exception {
        SessionKey first = keys.current();
        now = now.minus(Duration.ofDays(1));
        assertThat(keys.current().id()).isNotEqualTo(first.id());
    }
}
