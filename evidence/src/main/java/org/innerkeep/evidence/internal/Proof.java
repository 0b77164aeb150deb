package org.innerkeep.evidence.internal;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Verdict;

/**
 * Something that was proven of makers' documents, and what that rests on. It says nothing of any piece of evidence.
 *
 * @param result what was proven; immutable
 * @param checks what was checked on the way
 * @param questions what the endorsements were asked, and what they answered
 * @param from since when every validity that was looked at is as it was found
 * @param until until when
 */
record Proof(Object result, List<Verdict.Check> checks, List<Question> questions, Instant from, Instant until) {
    /** A need, and the documents that were there for it. */
    record Question(Need need, List<Bytes> documents) {}

    Proof {
        checks = List.copyOf(checks);
        questions = List.copyOf(questions);
    }

    /** Tells whether proving it again would find the same: the time is within, and the endorsements answer as they did. */
    boolean holds(Instant at, Function<Need, List<Bytes>> endorsements) {
        if (at.isBefore(from) || at.isAfter(until)) {
            return false;
        }
        for (Question question : questions) {
            if (!endorsements.apply(question.need()).equals(question.documents())) {
                return false;
            }
        }
        return true;
    }

    /** {@return the bytes that it keeps alive} */
    long weight() {
        return questions.stream().flatMap(each -> each.documents().stream()).mapToLong(Bytes::length).sum();
    }
}
