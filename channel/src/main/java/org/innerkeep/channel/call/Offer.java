package org.innerkeep.channel.call;

import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An implementation and the handles on it, prepared once. Only operations of the schema have one; there is no way to a method
 * by its name.
 */
final class Offer {
    /** Carries out one request. */
    @FunctionalInterface
    interface Invocation {
        /**
         * Invokes an operation.
         *
         * @param operation its index in the schema
         * @param arguments as decoded
         * @param charge what the answer is counted with
         * @return the result
         * @throws Throwable what the implementation throws
         */
        @Nullable Object invoke(int operation, @Nullable Object[] arguments, Charge charge) throws Throwable;
    }

    private final ServiceSchema<?> schema;
    private final Invocation invocation;
    private volatile boolean open;

    Offer(ServiceSchema<?> schema, Invocation invocation) {
        this.schema = schema;
        this.invocation = invocation;
    }

    static <T> Offer of(ServiceSchema<T> schema, T implementation) {
        List<Operation> operations = schema.operations();
        MethodHandle[] handles = new MethodHandle[operations.size()];
        for (int i = 0; i < handles.length; i++) {
            Operation operation = operations.get(i);
            handles[i] = Shapes.handle(operation.method(), operation.name())
                    .bindTo(implementation)
                    .asSpreader(Object[].class, operation.parameterCount())
                    .asType(RecordShape.SPREADER);
        }
        return new Offer(schema, (operation, arguments, _) -> (@Nullable Object) handles[operation].invokeExact(arguments));
    }

    /** The other side has opened it. */
    void open() {
        open = true;
    }

    /** {@return whether the other side has opened it} */
    boolean isOpen() {
        return open;
    }

    ServiceSchema<?> schema() {
        return schema;
    }

    @Nullable Object invoke(int operation, @Nullable Object[] arguments, Charge charge) throws Throwable {
        return invocation.invoke(operation, arguments, charge);
    }
}
