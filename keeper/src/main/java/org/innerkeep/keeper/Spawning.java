package org.innerkeep.keeper;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Starts processes that are confined before their first instruction. What confines a thread, such as a namespace, a filter of system
 * calls or a Landlock ruleset, is inherited by the processes that it starts and cannot be taken back. So each process is started on a
 * thread made for it, which confines itself step by step, starts the process, attends to it, and ends.
 */
final class Spawning {
    /** One thing that the thread does to itself. */
    interface Step {
        /** Runs before the process is started, after the steps before this one. */
        void apply() throws IOException;

        /** Runs once the process is started, on the same thread; the caller has the process by then. */
        default void attend(Process process) {}

        /** Runs last, whatever happened: what the step still holds is let go. */
        default void end() {}
    }

    private static final System.Logger LOG = System.getLogger(Spawning.class.getName());

    private Spawning() {}

    /**
     * Takes the steps on a new thread, and starts the process from it.
     *
     * @param steps in this order
     * @param command the process
     * @return the process, which the steps may still attend to
     * @throws IOException if a step fails or the process does not start
     */
    static Process start(List<? extends Step> steps, ProcessBuilder command) throws IOException {
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().name("spawning").daemon(true).start(() -> {
            try {
                for (Step step : steps) {
                    step.apply();
                }
                Process process = command.start();
                started.complete(process);
                steps.forEach(step -> step.attend(process));
            } catch (Throwable e) {
                if (!started.completeExceptionally(e)) {
                    LOG.log(System.Logger.Level.ERROR, "a process that was started cannot be attended to", e);
                }
            } finally {
                steps.forEach(Step::end);
            }
        });
        try {
            // Not interrupted: the process may just have been started, and must not be lost.
            return started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }
}
