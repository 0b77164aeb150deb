package org.innerkeep.cli.profile;

import java.util.Optional;
import java.util.OptionalDouble;
import org.innerkeep.channel.call.Crossing;
import org.innerkeep.channel.profile.Spread;

/**
 * The calls of one method, as far as both ends told of them.
 *
 * @param way who called whom
 * @param service the name of the interface
 * @param method the name of the method
 * @param calls how many
 * @param failed how many of them came to no result
 * @param mostAtOnce the most under way at once
 * @param following how many began right after the one before
 * @param requestBytes the sizes of requests
 * @param answerBytes the sizes of answers
 * @param whole how long calls took where they were made, in nanoseconds; empty if that end told nothing
 * @param work how long the implementation took, in nanoseconds; empty if that end told nothing
 */
record MethodCost(
        Way way,
        String service,
        String method,
        long calls,
        long failed,
        int mostAtOnce,
        long following,
        Spread requestBytes,
        Spread answerBytes,
        Optional<Spread> whole,
        Optional<Spread> work) {
    /** Who calls whom. */
    enum Way {
        HOST_TO_ENCLAVE("host to enclave"),
        ENCLAVE_TO_HOST("enclave to host"),
        CLIENT_TO_ENCLAVE("client to enclave");

        private final String words;

        Way(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private static final String OWN = "org.innerkeep.channel.";

    /** {@return whether a piece of a stream was read} */
    boolean stream() {
        return service.equals(Crossing.STREAMS);
    }

    /** {@return whether the interface is one of Innerkeep's own, which the program does not split} */
    boolean own() {
        return service.startsWith(OWN) && !stream();
    }

    /** {@return interface and method, short} */
    String name() {
        return stream() ? "piece of a stream" : service.substring(service.lastIndexOf('.') + 1) + "." + method;
    }

    /** {@return what a call takes beside the work, on average, in nanoseconds; empty unless both ends told} */
    OptionalDouble crossingNanos() {
        return whole.isPresent() && work.isPresent()
                ? OptionalDouble.of(Math.max(0, whole.get().mean() - work.get().mean()))
                : OptionalDouble.empty();
    }

    /** {@return all bytes of its requests and answers} */
    long bytes() {
        return requestBytes.sum() + answerBytes.sum();
    }
}
