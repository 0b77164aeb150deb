package org.innerkeep.testing.hostile;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Stands between an enclave that calls its host and what the scenario's host would honestly answer. */
final class ServedMeddler implements InvocationHandler {
    private static final @Nullable Object[] NOTHING = {};

    private final HostileHost host;
    private final Object honest;

    private ServedMeddler(HostileHost host, Object honest) {
        this.host = host;
        this.honest = honest;
    }

    static <T> T over(HostileHost host, Class<T> service, T honest) {
        return service.cast(Proxy.newProxyInstance(
                service.getClassLoader(), new Class<?>[] {service}, new ServedMeddler(host, honest)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given) throws Throwable {
        @Nullable Object[] arguments = given == null ? NOTHING : given;
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        for (Step step : host.journal().next(Place.SERVED)) {
            switch (step.move()) {
                case STALE_ANSWER -> {
                    Optional<Object> earlier = host.pool().earlierAnswer(method, step.choice());
                    if (earlier.isPresent()) {
                        host.journal().took(step);
                        return earlier.get();
                    }
                }
                case NO_ANSWER -> {
                    host.journal().took(step);
                    throw new IllegalStateException("the hostile host does not answer");
                }
                case SERVE_TWICE -> {
                    host.journal().took(step);
                    carryOut(method, arguments);
                }
                default -> {}
            }
        }
        Object answer = carryOut(method, arguments);
        host.pool().answered(method, answer);
        return answer;
    }

    private @Nullable Object carryOut(Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(honest, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
