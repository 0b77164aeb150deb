package org.innerkeep.evidence;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a verifier gets what makers endorse: certificates, revocation lists, TCB info, identities. All of it is untrusted: a
 * verifier accepts of it what a pinned anchor's signatures cover, and time proves current.
 *
 * <p>Implementations are safe for use by several threads, and never throw for want of an endorsement.
 */
public interface Endorsements {
    /**
     * What was found for a need.
     *
     * @param documents candidates in their original encoding, best first: DER certificates and revocation lists, JSON as served.
     *     There may be more than were asked for, and some may be of another kind
     * @param problems why there may be fewer than there should be, for people; empty where nothing went wrong
     */
    record Answer(List<Bytes> documents, List<String> problems) {
        /** Copies the lists. */
        public Answer {
            documents = List.copyOf(documents);
            problems = List.copyOf(problems);
        }
    }

    /**
     * Looks for what may serve a need. May take time where the implementation asks a service.
     *
     * @param need what is needed
     * @return candidates, or none
     */
    Answer find(Need need);

    /** {@return no endorsements} */
    static Endorsements none() {
        return need -> new Answer(List.of(), List.of());
    }

    /**
     * Asks every source and keeps every answer: which of them are current and fit is for the verifier to see, and a folder that has
     * an old list must not keep a newer one from being fetched.
     *
     * @param sources in the order in which they are asked
     * @return all of them as one
     */
    static Endorsements allOf(List<Endorsements> sources) {
        List<Endorsements> all = List.copyOf(sources);
        return need -> {
            Set<Bytes> documents = new LinkedHashSet<>();
            Set<String> problems = new LinkedHashSet<>();
            for (Endorsements source : all) {
                Answer answer = source.find(need);
                documents.addAll(answer.documents());
                problems.addAll(answer.problems());
            }
            return new Answer(new ArrayList<>(documents), new ArrayList<>(problems));
        };
    }
}
