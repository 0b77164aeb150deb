package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.innerkeep.channel.call.CallException;
import org.jspecify.annotations.Nullable;

/** One run of a scenario, with its limit, and with an eye on failures in other threads. */
final class Runner<R> {
    private final Scenario<R> scenario;
    private final Schedule schedule;
    private final Duration limit;

    Runner(Scenario<R> scenario, Schedule schedule, Duration limit) {
        this.scenario = scenario;
        this.schedule = schedule;
        this.limit = limit;
    }

    Run<R> run() {
        AtomicReference<@Nullable Throwable> elsewhere = new AtomicReference<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> elsewhere.compareAndSet(null, failure));
        HostileHost host = new HostileHost(scenario, schedule);
        Outcome<R> outcome;
        try (host) {
            outcome = outcome(host);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        Throwable failure = elsewhere.get();
        if (failure != null) {
            outcome = new Outcome.Broken<>(failure);
        }
        Journal journal = host.journal();
        return new Run<>(
                schedule, outcome, journal.took(), journal.met(), journal.refusals(), host.seen(), journal.extent());
    }

    private Outcome<R> outcome(HostileHost host) {
        CompletableFuture<R> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().name("scenario").start(() -> {
            try {
                host.open();
                result.complete(scenario.run(host));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return new Outcome.Completed<>(result.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            String where = Arrays.stream(thread.getStackTrace())
                    .map(StackTraceElement::toString)
                    .collect(Collectors.joining("\n  at ", "after " + limit + " at ", ""));
            thread.interrupt();
            return new Outcome.Hung<>(where);
        } catch (ExecutionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            return isDeclared(why) ? new Outcome.Refused<>((Exception) why) : new Outcome.Broken<>(why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Broken<>(e);
        }
    }

    private boolean isDeclared(Throwable why) {
        return why instanceof IOException
                || why instanceof CallException
                || scenario.refusals().stream().anyMatch(type -> type.isInstance(why));
    }
}
