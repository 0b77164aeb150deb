package org.innerkeep.evidence.dcap;

/** What comes of comparing a platform's versions with those that Intel knows. */
public sealed interface TcbOutcome permits TcbEvaluation, TcbOutcome.NotSupported {
    /**
     * Some part is older than everything that Intel knows, or unknown to it.
     *
     * @param part which part, with its versions
     */
    record NotSupported(String part) implements TcbOutcome {}
}
