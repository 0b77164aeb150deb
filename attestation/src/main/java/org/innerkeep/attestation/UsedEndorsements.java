package org.innerkeep.attestation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.endorsements.Recording;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Need;

/** The endorsements of one appraisal: what it was answered with is kept, to make the decision again, and to say what it was made with. */
final class UsedEndorsements implements Endorsements {
    /** The most bytes that a request may bring to be kept: many times what any evidence needs. */
    static final int MOST_BROUGHT = 256 << 10;

    /** The most bytes of all where a request brought some: what is brought may be new each time, and so is then the whole archive. */
    static final int MOST_WITH_BROUGHT = 1 << 20;

    private final CollateralMemory memory;
    private final Optional<Recording> brought;
    private final Recording recording;
    private final Map<Need, List<Bytes>> answers = new LinkedHashMap<>();

    /**
     * Begins with nothing.
     *
     * @param source what is asked
     * @param brought the part of it that the request brought
     * @param memory of documents
     */
    UsedEndorsements(Endorsements source, Optional<Recording> brought, CollateralMemory memory) {
        this.memory = memory;
        this.brought = brought;
        this.recording = new Recording(source);
    }

    @Override
    public Answer find(Need need) {
        Answer answer = recording.find(need);
        synchronized (answers) {
            answers.put(need, answer.documents());
        }
        return answer;
    }

    /** {@return everything in one file, for {@link EndorsementPool#parse}; nothing where there was more than that holds} */
    Optional<Bytes> archive() {
        return recording.complete() ? memory.archive(recording.documents()) : Optional.empty();
    }

    /** {@return whether it is kept: a verifier is answered with all that could serve, and whoever has genuine evidence can add to that} */
    boolean toBeKept(Bytes archive) {
        long bytes = brought.map(Recording::documents).orElse(List.of()).stream().mapToLong(Bytes::length).sum();
        return bytes == 0 || (bytes <= MOST_BROUGHT && archive.length() <= MOST_WITH_BROUGHT);
    }

    /**
     * What {@code x-ms-sgx-collateral} says: digests of the quote and of what Intel published for it. Where there were several candidates
     * for one thing, which of them decided is not known here, and nothing is said of it.
     *
     * @param quote as it was sent
     * @return SHA-256 in hexadecimal, by name
     */
    Map<String, Object> collateral(Bytes quote) {
        Map<String, Object> digests = new LinkedHashMap<>();
        synchronized (answers) {
            answers.forEach((need, documents) -> {
                switch (need) {
                    case Need.TcbInfo info -> put(digests, "tcbinfohash", documents, "tcbInfo", info.tee().name(), info.fmspc().hex());
                    case Need.EnclaveIdentity identity ->
                        put(digests, "qeidhash", documents, "enclaveIdentity", identity.tee() == Need.Tee.SGX ? "QE" : "TD_QE", "");
                    default -> {}
                }
            });
        }
        digests.put("quotehash", Bytes.sha256(quote.toArray()).hex());
        return digests;
    }

    private void put(
            Map<String, Object> digests, String name, List<Bytes> documents, String field, String id, String fmspc) {
        Set<Bytes> fitting = new LinkedHashSet<>();
        for (Bytes document : new ArrayList<>(documents)) {
            if (memory.fits(document, field, id, fmspc)) {
                fitting.add(document);
            }
        }
        if (fitting.size() == 1) {
            digests.put(name, Bytes.sha256(fitting.iterator().next().toArray()).hex());
        }
    }
}
