package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;

/**
 * One document that a real case rests on, with one bit changed, byte after byte: nothing may crash, and where the case is still
 * accepted, no claim may have changed or appeared, and the byte is one of those that no signature covers. These are named.
 *
 * <p>{@code -Dinnerkeep.mutation.step=1} changes every byte of every document; without it one of so many is changed.
 */
final class Mutation {
    private static final int STEP = Integer.getInteger("innerkeep.mutation.step", 0);

    /** The one claim that tells of bytes as they were given, also of those that no signature covers. */
    private static final String BYTES_AS_GIVEN = "x-ms-sgx-collateral";

    /** Bytes that no signature covers. */
    @FunctionalInterface
    interface Free {
        boolean test(int at, byte[] changed) throws MalformedException;
    }

    /** Verifies the case with a changed document; one that cannot even be put among the others is refused. */
    @FunctionalInterface
    interface Attempt {
        Verdict with(Bytes changed) throws MalformedException;
    }

    private final RealCase each;
    private final String document;
    private final Bytes original;
    private final Map<String, Free> free = new LinkedHashMap<>();
    private int usualStep = 1;

    /**
     * Begins with every byte signed.
     *
     * @param each of which case
     * @param document its name, for people
     * @param original its bytes
     */
    Mutation(RealCase each, String document, Bytes original) {
        this.each = each;
        this.document = document;
        this.original = original;
    }

    /** Of so many bytes one is changed where no other number is given for the whole run. */
    Mutation oneOf(int step) {
        usualStep = step;
        return this;
    }

    /** Names bytes that no signature covers. */
    Mutation free(String name, Free bytes) {
        free.put(name, bytes);
        return this;
    }

    /** Names bytes that no signature covers. */
    Mutation free(String name, int from, int to) {
        return free(name, (at, changed) -> at >= from && at < to);
    }

    /** Changes the document, and says how often and which changes went unnoticed. */
    void run(Attempt attempt) throws MalformedException {
        Verdict unchanged = attempt.with(original);
        assertThat(unchanged).as("%s unchanged", each).isInstanceOf(Verdict.Accepted.class);
        Claims claims = ((Verdict.Accepted) unchanged).claims();
        int step = STEP > 0 ? STEP : usualStep;
        int changes = 0;
        Map<String, Integer> unnoticed = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        for (int at = 0; at < original.length(); at += step) {
            byte[] changed = original.toArray();
            changed[at] ^= (byte) (1 << at / step % 8);
            changes++;
            if (!accepted(attempt, Bytes.of(changed), claims)) {
                continue;
            }
            String name = nameOf(at, changed);
            unnoticed.merge(name, 1, Integer::sum);
            if (name.isEmpty()) {
                wrong.add("byte " + at);
            }
        }
        System.out.println("mutation: " + each + ", " + document + ": " + changes + " of " + original.length() + " bytes changed, "
                + (unnoticed.isEmpty() ? "none unnoticed" : "unnoticed " + unnoticed.entrySet().stream()
                        .map(entry -> entry.getValue() + " of " + entry.getKey())
                        .collect(Collectors.joining(", "))));
        assertThat(wrong).as("signed bytes of %s of %s that may be changed", document, each).isEmpty();
    }

    private static boolean accepted(Attempt attempt, Bytes changed, Claims claims) {
        Verdict verdict;
        try {
            verdict = attempt.with(changed);
        } catch (MalformedException e) {
            return false;
        }
        if (!(verdict instanceof Verdict.Accepted accepted)) {
            return false;
        }
        Map<String, ClaimValue> details = new HashMap<>(accepted.claims().details());
        details.remove(BYTES_AS_GIVEN);
        assertThat(details.entrySet()).isSubsetOf(claims.details().entrySet());
        assertThat(accepted.claims().measurement()).isEqualTo(claims.measurement());
        assertThat(accepted.claims().reportData()).isEqualTo(claims.reportData());
        assertThat(accepted.claims().debug()).isEqualTo(claims.debug());
        assertThat(accepted.claims().anchor()).isEqualTo(claims.anchor());
        return true;
    }

    private String nameOf(int at, byte[] changed) throws MalformedException {
        for (Map.Entry<String, Free> named : free.entrySet()) {
            if (named.getValue().test(at, changed)) {
                return named.getKey();
            }
        }
        return "";
    }

    /** The same endorsements with one document changed, wherever it is answered with. */
    static Endorsements instead(EndorsementPool all, Bytes original, Bytes changed) {
        return need -> {
            Endorsements.Answer answer = all.find(need);
            List<Bytes> documents = new ArrayList<>(answer.documents());
            documents.replaceAll(one -> one.equals(original) ? changed : one);
            return new Endorsements.Answer(documents, answer.problems());
        };
    }
}
