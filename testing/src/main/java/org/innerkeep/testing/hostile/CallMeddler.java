package org.innerkeep.testing.hostile;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stands between a scenario's operator and the enclave: makes other calls than the operator meant. */
final class CallMeddler<T> implements InvocationHandler {
    private static final @Nullable Object[] NOTHING = {};

    private final HostileHost host;
    private final Class<T> service;
    private final Supplier<Instance> enclave;

    private CallMeddler(HostileHost host, Class<T> service, Supplier<Instance> enclave) {
        this.host = host;
        this.service = service;
        this.enclave = enclave;
    }

    /** A proxy whose calls go to whichever enclave the supplier gives at the time. */
    static <T> T bind(HostileHost host, Class<T> service, Supplier<Instance> enclave) {
        return service.cast(Proxy.newProxyInstance(
                service.getClassLoader(), new Class<?>[] {service}, new CallMeddler<>(host, service, enclave)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given) throws Throwable {
        @Nullable Object[] arguments = given == null ? NOTHING : given;
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        CallPool pool = host.pool();
        boolean twice = false;
        for (Step step : host.journal().next(Place.CALL)) {
            switch (step.move()) {
                case KILL, RESTART, RESTART_OLDER, RESTART_DEBUG, RESTART_CODE -> host.live(step);
                case INTRUDE -> host.intrude(step);
                case OTHER_CALL -> otherCall(step);
                case STALE_ARGUMENTS -> arguments = changed(step, arguments, pool.earlierArguments(method, step.choice()));
                case MIXED_ARGUMENTS -> arguments = changed(step, arguments, pool.mixed(method, arguments, step.choice()));
                case SKIP_CALL -> {
                    Optional<Object> answer = pool.answerLike(method, step.choice());
                    if (answer.isPresent() || method.getReturnType() == void.class) {
                        host.journal().took(step);
                        return answer.orElse(null);
                    }
                }
                case REPEAT_CALL -> {
                    host.journal().took(step);
                    twice = true;
                }
                case CONCURRENT_CALL -> {
                    host.journal().took(step);
                    return concurrently(method, arguments);
                }
                default -> {}
            }
        }
        Object answer = call(method, arguments);
        if (twice) {
            again(method, arguments);
        }
        return answer;
    }

    private @Nullable Object[] changed(Step step, @Nullable Object[] arguments, Optional<@Nullable Object[]> others) {
        if (others.isEmpty() || CallPool.same(arguments, others.get())) {
            return arguments;
        }
        host.journal().took(step);
        return others.get();
    }

    private void otherCall(Step step) throws InterruptedException {
        List<Method> methods = Arrays.stream(service.getMethods())
                .filter(method -> host.pool().anyArguments(method, step.choice()).isPresent())
                .sorted(Comparator.comparing(Method::toString))
                .toList();
        if (methods.isEmpty()) {
            return;
        }
        Method method = methods.get(step.choice() % methods.size());
        host.journal().took(step);
        try {
            call(method, host.pool().anyArguments(method, step.choice()).orElseThrow());
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            // Whatever it says to a call that makes no sense; what follows shows whether it minded.
        }
    }

    /** Once more, for nobody but the host: what the enclave says to it is of no interest, what it does is. */
    private void again(Method method, @Nullable Object[] arguments) throws InterruptedException {
        try {
            call(method, arguments);
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            // It may refuse what it has done before.
        }
    }

    /** Either may be the one that the enclave does and the other the one that it refuses; the operator learns what was done. */
    private @Nullable Object concurrently(Method method, @Nullable Object[] arguments) throws Throwable {
        FutureTask<@Nullable Object> second = new FutureTask<>(() -> {
            try {
                return call(method, arguments);
            } catch (Exception e) {
                throw e;
            } catch (Throwable e) {
                throw new ExecutionException(e);
            }
        });
        Thread.ofVirtual().name("hostile-second-call").start(second);
        Object answer;
        try {
            answer = call(method, arguments);
        } catch (Throwable first) {
            try {
                return second.get();
            } catch (ExecutionException both) {
                throw first;
            }
        }
        try {
            second.get();
        } catch (ExecutionException e) {
            // The first one was done.
        }
        return answer;
    }

    private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        host.pool().called(method, arguments);
        Instance target = enclave.get();
        target.waiting(1);
        try {
            Object answer = method.invoke(target.direct(service), arguments);
            host.pool().answered(method, answer);
            return answer;
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        } finally {
            target.waiting(-1);
        }
    }
}
