package org.innerkeep.testing.hostile;

import java.util.Optional;

/**
 * Something that must hold after each run, whatever the host did.
 *
 * @param <R> what comes out of a run
 */
@FunctionalInterface
public interface Invariant<R> {
    /**
     * Looks at a run.
     *
     * @param run what happened
     * @return what is wrong, if something is
     * @throws Exception if it cannot be checked, which counts as wrong
     */
    Optional<String> violation(Run<R> run) throws Exception;

    /**
     * No needle is in what the host saw, neither raw, nor in hexadecimal, nor in Base64.
     *
     * @param needles pieces of secrets, 8 bytes or more each
     * @param <R> what comes out of a run
     * @return the invariant
     */
    static <R> Invariant<R> unseen(Iterable<byte[]> needles) {
        Needles search = new Needles(needles);
        return run -> run.seen().find(search).map(place -> "a secret is in what the host saw: " + place);
    }
}
