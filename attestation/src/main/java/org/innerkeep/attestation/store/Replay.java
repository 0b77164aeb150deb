package org.innerkeep.attestation.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.attestation.store.DecisionRecord.Outcome;
import org.innerkeep.evidence.Bytes;

/** Decides again what was decided once, from what was kept, and compares byte for byte. */
public final class Replay {
    /** Verifier and policy: decides from contents and time alone. */
    @FunctionalInterface
    public interface Appraiser {
        /**
         * Decides.
         *
         * @param decision what was recorded; of it only time, type, nonce and the contents of inputs may be used
         * @return what comes of it now
         */
        Appraised appraise(RecordedDecision decision);
    }

    /**
     * What came of deciding again.
     *
     * @param outcome what was decided
     * @param reasons why it was not permitted
     * @param outputs contents by name; names that the record has and that are not here are reported as not compared
     */
    public record Appraised(Outcome outcome, List<String> reasons, Map<String, Bytes> outputs) {
        /** Copies lists and maps. */
        public Appraised {
            reasons = List.copyOf(reasons);
            outputs = Map.copyOf(outputs);
        }
    }

    /** What a replay showed. */
    public sealed interface Result {
        /**
         * The same came out.
         *
         * @param notCompared names of outputs that the appraiser did not make again
         */
        record Same(Set<String> notCompared) implements Result {}

        /**
         * Something else came out: verifier or policy engine changed, or somebody lied.
         *
         * @param what each difference, for people
         */
        record Differs(List<String> what) implements Result {}

        /**
         * It cannot be replayed.
         *
         * @param missing names of inputs that are no longer kept
         */
        record Incomplete(Set<String> missing) implements Result {}
    }

    private Replay() {}

    /**
     * Decides again and compares.
     *
     * @param decision what was recorded
     * @param appraiser decides
     * @return what it showed
     */
    public static Result of(RecordedDecision decision, Appraiser appraiser) {
        Set<String> missing = decision.missingInputs();
        if (!missing.isEmpty()) {
            return new Result.Incomplete(missing);
        }
        DecisionRecord record = decision.record();
        Appraised now = appraiser.appraise(decision);
        List<String> differences = new ArrayList<>();
        if (now.outcome() != record.outcome()) {
            differences.add("outcome: recorded " + record.outcome() + ", now " + now.outcome());
        }
        if (!now.reasons().equals(record.reasons())) {
            differences.add("reasons: recorded " + record.reasons() + ", now " + now.reasons());
        }
        now.outputs().forEach((name, content) -> {
            Bytes digest = Bytes.sha256(content.toArray());
            Optional<Bytes> recorded = Optional.ofNullable(record.outputs().get(name));
            if (!recorded.equals(Optional.of(digest))) {
                differences.add("output '" + name + "': recorded " + recorded.map(Bytes::shortHex).orElse("none") + ", now "
                        + digest.shortHex());
            }
        });
        if (!differences.isEmpty()) {
            return new Result.Differs(differences.stream().sorted().toList());
        }
        Set<String> notCompared = new TreeSet<>(record.outputs().keySet());
        notCompared.removeAll(now.outputs().keySet());
        return new Result.Same(notCompared);
    }
}
