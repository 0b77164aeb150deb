package org.innerkeep.attestation;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Verifier;

/** A further part of the service: on the same server, in the same store, with its leaves in the same log. */
@FunctionalInterface
public interface ServicePart {
    /**
     * What the service gives to its parts.
     *
     * @param configuration the settings
     * @param folder of everything that the service makes for itself; only its owner can enter it, and in an enclave there is none
     * @param store where the part keeps what it must remember
     * @param log over everything that was decided and changed
     * @param verifier that proves claims
     * @param anchors whom the service trusts to vouch for evidence
     * @param endorsements at hand
     * @param fetched endorsements that are asked for over the network; only for evidence against which nothing at hand speaks
     * @param clock of this machine
     * @param notBefore the time of the log's newest head, as this start found it
     * @param appraisal the time that evidence is appraised for: the same, except in tests with evidence of another time
     * @param random for keys and nonces
     * @param evidence for keys of the part, where the service runs in a trusted execution environment
     * @param enclosure what is there in place of files, where the service runs inside an enclave of this project's
     */
    record Surroundings(
            ServiceConfiguration configuration,
            Path folder,
            LoggedStore store,
            TransparencyLog log,
            Verifier verifier,
            List<Anchor> anchors,
            Endorsements endorsements,
            Optional<Endorsements> fetched,
            Clock clock,
            Instant notBefore,
            InstantSource appraisal,
            SecureRandom random,
            Optional<KeyEvidence> evidence,
            Optional<Enclosure> enclosure) {
        /** Copies the list. */
        public Surroundings {
            anchors = List.copyOf(anchors);
        }
    }

    /** A part that is open. Safe for use by several threads. */
    interface Opened extends AutoCloseable {
        /** {@return its operations} */
        List<Route> routes();

        /** {@return what to tell whoever started the service, as lines of a word and what it is} */
        List<String> said();

        @Override
        void close();
    }

    /**
     * Looks at the settings of the part, before anything is opened or made.
     *
     * @param configuration the settings
     * @throws IOException if a file that a setting names is not what it should be
     * @throws IllegalArgumentException if a setting is not understood
     */
    default void check(ServiceConfiguration configuration) throws IOException {
        // A part without settings has nothing to look at.
    }

    /**
     * Opens the part, and makes what is not there yet.
     *
     * @param surroundings what the service gives
     * @return the part, to be closed before the store is
     * @throws IOException if something that it needs cannot be opened or made
     * @throws IllegalArgumentException if a setting is not understood
     */
    Opened open(Surroundings surroundings) throws IOException;
}
