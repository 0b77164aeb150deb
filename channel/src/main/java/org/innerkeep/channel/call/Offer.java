package org.innerkeep.channel.call;

import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An implementation and the handles on it, prepared once. Only operations of the schema have one; there is no way to a method
 * by its name.
 */
final class Offer {
    private final ServiceSchema<?> schema;
    private final MethodHandle[] handles;

    <T> Offer(ServiceSchema<T> schema, T implementation) {
        this.schema = schema;
        List<Operation> operations = schema.operations();
        handles = new MethodHandle[operations.size()];
        for (int i = 0; i < handles.length; i++) {
            Operation operation = operations.get(i);
            handles[i] = Shapes.handle(operation.method(), operation.name())
                    .bindTo(implementation)
                    .asSpreader(Object[].class, operation.parameterCount())
                    .asType(RecordShape.SPREADER);
        }
    }

    ServiceSchema<?> schema() {
        return schema;
    }

    @Nullable Object invoke(int operation, @Nullable Object[] arguments) throws Throwable {
        return (@Nullable Object) handles[operation].invokeExact(arguments);
    }
}
