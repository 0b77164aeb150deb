package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * What is tested: an enclave, what an operator does when it has started, and what clients and operator then do. Written as for an
 * honest host; the hostile one does the rest. Each run has a scenario of its own.
 *
 * @param <R> what comes out of a run
 */
public interface Scenario<R> {
    /** {@return what {@link #start} can start; at least {@link Build#AGREED}} */
    default Set<Build> builds() {
        return Set.of(Build.AGREED);
    }

    /**
     * Starts an enclave. Called from several threads.
     *
     * @param build one of {@link #builds}
     * @return the enclave, ready for connections
     * @throws IOException if it does not start
     */
    HostedEnclave start(Build build) throws IOException;

    /**
     * What the host offers to its enclaves. Called for each enclave that is started.
     *
     * @param offers takes them
     * @param storage what the host stores
     */
    default void offer(Offers offers, Storage storage) {}

    /**
     * What the operator's host does with an enclave that has just started: gives it job, settings, stored state. Called for each
     * enclave that is started, also for those that the hostile host puts in the place of the agreed one.
     *
     * @param operator the host's calls and its storage
     * @throws Exception if it fails; before {@link #run} that fails the run, in place of a restart it ends the enclave
     */
    default void boot(Operation operator) throws Exception {}

    /**
     * What this host can do as a client of its own: connect straight to the enclave, and lie. Nothing of it may have an effect on
     * what others get. Called at {@link Move#INTRUDE}; every wait must be bounded.
     *
     * @param enclave where the agreed enclave can be reached directly
     * @param operator the host's calls, straight to the same enclave, and its storage
     * @param choice which lie, 0 or more
     * @return whether anything was done
     * @throws Exception what the enclave says to it; of no interest
     */
    default boolean intrude(InetSocketAddress enclave, Operation operator, int choice) throws Exception {
        return false;
    }

    /**
     * What clients and operator do. Clients connect to {@link HostileHost#address} and judge what they get; the operator calls
     * by {@link HostileHost#bind}. Everything in here must end by itself: bound every wait.
     *
     * @param host the host, hostile
     * @return what came out
     * @throws Exception an {@link IOException}, a {@link org.innerkeep.channel.call.CallException} or one of
     *     {@link #refusals} if it was refused or came to nothing; anything else is a finding
     */
    R run(HostileHost host) throws Exception;

    /** {@return the types, beside IOException and CallException, by which this scenario says that it was refused} */
    default Set<Class<? extends Exception>> refusals() {
        return Set.of();
    }
}
