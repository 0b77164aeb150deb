package org.innerkeep.channel.profile;

import org.innerkeep.channel.call.Crossing;

/**
 * The calls of one method, as one end of the connection saw them.
 *
 * @param side who called
 * @param service the name of the interface
 * @param method the name of the method
 * @param calls how many have ended
 * @param failed how many of them came to no result
 * @param mostAtOnce the most that were under way at once
 * @param following how many began right after the end of the one before, with none under way: within {@value #FOLLOWS_NANOS}
 *     nanoseconds, or within the time that that one took
 * @param requestBytes the sizes of requests
 * @param answerBytes the sizes of answers
 * @param nanos how long the calls took, {@link Crossing#nanos()}
 * @param workNanos how long the implementation took, {@link Crossing#workNanos()}; of no calls on the side that calls
 */
public record MethodFigures(
        Crossing.Side side,
        String service,
        String method,
        long calls,
        long failed,
        int mostAtOnce,
        long following,
        Spread requestBytes,
        Spread answerBytes,
        Spread nanos,
        Spread workNanos) {
    /** Calls with no more than this between them belong to one piece of work; so do calls whose caller does little else. */
    public static final long FOLLOWS_NANOS = 5_000_000;
}
