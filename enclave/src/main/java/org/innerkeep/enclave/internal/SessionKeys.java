package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.SessionKey;

/**
 * The enclave's key for TLS, made anew every hour with new evidence: ordinary clients see the age of the evidence in the certificate and
 * nothing fresher. Sessions that run keep their key. The time is the host's, who can only make the evidence look older than it is,
 * for the platform dates it.
 */
final class SessionKeys {
    private static final Duration LIFE = Duration.ofHours(1);

    private final Attester attester;
    private final SecureRandom random;
    private final InstantSource time;
    private SessionKey key;
    private Instant made;

    SessionKeys(Attester attester, SecureRandom random, InstantSource time) throws IOException {
        this.attester = attester;
        this.random = random;
        this.time = time;
        this.made = time.instant();
        this.key = SessionKey.create(attester, random);
    }

    /** The key to begin a session with. */
    synchronized SessionKey current() throws IOException {
        Instant now = time.instant();
        // Also where the clock was set back, which would otherwise keep one key for ever.
        if (now.isBefore(made) || now.isAfter(made.plus(LIFE))) {
            key = SessionKey.create(attester, random);
            made = now;
        }
        return key;
    }
}
