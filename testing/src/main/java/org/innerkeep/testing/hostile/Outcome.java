package org.innerkeep.testing.hostile;

/**
 * How a run ended.
 *
 * @param <R> what comes out of a run
 */
public sealed interface Outcome<R> {
    /**
     * With a result.
     *
     * @param result what came out
     * @param <R> its type
     */
    record Completed<R>(R result) implements Outcome<R> {}

    /**
     * With a failure that the scenario declares: refused, or broken off.
     *
     * @param why the failure
     * @param <R> the type of a result
     */
    record Refused<R>(Exception why) implements Outcome<R> {}

    /**
     * With a failure that nobody declares.
     *
     * @param why the failure
     * @param <R> the type of a result
     */
    record Broken<R>(Throwable why) implements Outcome<R> {}

    /**
     * Not within the limit.
     *
     * @param where the stack of the scenario's thread
     * @param <R> the type of a result
     */
    record Hung<R>(String where) implements Outcome<R> {}
}
