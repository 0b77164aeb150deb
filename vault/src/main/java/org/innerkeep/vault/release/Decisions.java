package org.innerkeep.vault.release;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.LoggedKeyStore;

/**
 * What was decided over requests for file keys: each in the log, with a record for owners. Of requests of which nothing was
 * proven the last few are known, in memory. Safe for use by several threads.
 */
final class Decisions {
    /** The most refusals that are kept of one key. */
    static final int MOST_REFUSALS = 1000;

    /** As many of each kind are looked at to tell which enclaves asked lately. */
    private static final int LATELY = 200;

    private final LoggedKeyStore keys;
    private final Attempts attempts = new Attempts();

    Decisions(LoggedKeyStore keys) {
        this.keys = keys;
    }

    /**
     * Over what is decided.
     *
     * @param name the key's
     * @param call what was asked
     * @param claims what was proven of the enclave
     */
    record Subject(KeyName name, ReleaseCall call, Claims claims) {
        private ReleaseRecord record(Instant at, Optional<String> version, Optional<String> grant, List<String> reasons) {
            return new ReleaseRecord(
                    at,
                    grant.isPresent(),
                    name.text(),
                    version,
                    grant,
                    ProvenEnclave.of(claims).toString(),
                    call.request().digest(),
                    Bytes.sha256(call.request().header().toArray()),
                    Bytes.sha256(call.evidence().toArray()),
                    reasons);
        }
    }

    /** Records a release, by a grant and the identity of a version. */
    void released(Subject subject, Instant at, String version, String grant, LoggedStore.Writer writer) throws SQLException {
        write(FileKeyRelease.RELEASED, subject.record(at, Optional.of(version), Optional.of(grant), List.of()), subject.name(), writer);
    }

    /** Records a refusal. What is kept is bounded, since anyone who runs an enclave can ask again and again. */
    void refused(Subject subject, Instant at, List<String> why, LoggedStore.Writer writer) throws SQLException {
        ReleaseRecord record = subject.record(at, Optional.empty(), Optional.empty(), ReleaseRecord.shortened(why));
        write(FileKeyRelease.REFUSED, record, subject.name(), writer);
        writer.forget(FileKeyRelease.REFUSED, subject.name().place(), MOST_REFUSALS);
    }

    private static void write(String kind, ReleaseRecord record, KeyName name, LoggedStore.Writer writer) throws SQLException {
        writer.happened(kind, name.place(), Bytes.of(record.toByteArray()),
                Map.of("request", record.request(), "header", record.header(), "evidence", record.evidence()));
    }

    /** Keeps in mind a request of which nothing was proven, or for a key that is not there. */
    void attempt(KeyName name, Instant at, List<String> reasons) {
        attempts.add(new Attempts.Attempt(at, name.text(), reasons));
    }

    FileKeyRelease.Why why(KeyName name, int most) throws StoreException {
        List<String> unproven = new ArrayList<>();
        for (Attempts.Attempt each : attempts.of(name.text())) {
            each.reasons().forEach(reason -> unproven.add(each.time() + " " + reason));
        }
        return new FileKeyRelease.Why(records(FileKeyRelease.REFUSED, name, most), unproven);
    }

    List<ReleaseRecord> records(String kind, KeyName name, int most) throws StoreException {
        List<ReleaseRecord> records = new ArrayList<>();
        for (LoggedStore.Event each : keys.events(kind, name, Long.MAX_VALUE, most)) {
            try {
                records.add(ReleaseRecord.parse(each.record().toArray()));
            } catch (MalformedException e) {
                throw StoreException.corrupt("the record " + each.sequence(), e);
            }
        }
        return List.copyOf(records);
    }

    List<Asking> asking(KeyName name) throws StoreException {
        List<ReleaseRecord> lately = new ArrayList<>(records(FileKeyRelease.REFUSED, name, LATELY));
        lately.addAll(records(FileKeyRelease.RELEASED, name, LATELY));
        return Asking.of(lately);
    }

    /** The last refusal, unless something was released after it. */
    Optional<ReleaseRecord> lastRefused(KeyName name) throws StoreException {
        Optional<ReleaseRecord> refused = records(FileKeyRelease.REFUSED, name, 1).stream().findFirst();
        Optional<ReleaseRecord> released = records(FileKeyRelease.RELEASED, name, 1).stream().findFirst();
        return refused.filter(each -> released.isEmpty() || released.get().time().isBefore(each.time()));
    }
}
