package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.DecisionRecord.Outcome;
import org.innerkeep.evidence.Bytes;

/** What the tests put into stores. */
final class Samples {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00.123Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final LogKey KEY = LogKey.generate();
    static final String TYPE = "SevSnpVm";

    private Samples() {}

    static StoreOptions sqlite(Path file) {
        return StoreOptions.of(new StoreLocation.Sqlite(file), KEY).withClock(CLOCK);
    }

    static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(UTF_8));
    }

    static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(UTF_8));
    }

    /** A decision about evidence of its own. */
    static Decision decision(String evidence) {
        return decision(evidence, "policy");
    }

    static Decision decision(String evidence, String policy) {
        DecisionRecord record = new DecisionRecord(
                NOW,
                TYPE,
                Outcome.PERMITTED,
                Optional.of("nonce"),
                Map.of("evidence", digest(evidence), "policy", digest(policy)),
                Map.of("claims", digest("claims of " + evidence)),
                List.of());
        return new Decision(record, Map.of("evidence", bytes(evidence), "policy", bytes(policy)));
    }

    static Receipt receiptOf(Change<?> change) {
        if (change instanceof Change.Made<?> made) {
            return made.receipt();
        }
        throw new AssertionError("a conflict: " + change);
    }
}
