package org.innerkeep.keeper;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.SystemCall;

/** Finds out what this machine allows by trying it, on threads that end afterwards. */
final class Trial {
    private Trial() {}

    /** Why a step cannot be taken; empty if it can. */
    static Optional<String> of(Spawning.Step step) {
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        Thread.ofPlatform().name("trial").daemon(true).start(() -> {
            try {
                step.apply();
                result.complete(Optional.empty());
            } catch (IOException | RuntimeException e) {
                result.complete(Optional.of(String.valueOf(e.getMessage())));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            } finally {
                step.end();
            }
        });
        return result.join();
    }

    /** Why memory of a kind cannot be had; empty if it can. */
    static Optional<String> of(Kernel kernel, HeapMemory memory) {
        try {
            kernel.call(SystemCall.CLOSE, memory.create(kernel));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
