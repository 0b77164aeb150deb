package org.innerkeep.channel.call;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/** One method of a service: how its arguments, result and exceptions are carried. Immutable. */
final class Operation {
    /** A stream crosses as its number; what it holds is read by further calls. */
    private static final Shape STREAM = Scalar.STREAM;

    private final Method method;
    private final String name;
    private final Shape[] parameters;
    private final String[] fields;
    private final Optional<Shape> result;
    private final String resultField;
    private final int streamParameters;
    private final List<DeclaredException> exceptions;

    Operation(String service, Method method, Shapes shapes) {
        this.method = method;
        this.name = service + "." + method.getName();
        Parameter[] declared = method.getParameters();
        Type[] types = method.getGenericParameterTypes();
        parameters = new Shape[declared.length];
        fields = new String[declared.length];
        for (int i = 0; i < declared.length; i++) {
            // Names of parameters are there only where the interface was compiled with them, so they are for messages only.
            fields[i] = name + "(" + declared[i].getName() + ")";
            parameters[i] = types[i] == InputStream.class ? STREAM : shapes.of(types[i], fields[i]);
        }
        streamParameters = (int) Arrays.stream(parameters).filter(shape -> shape == STREAM).count();
        resultField = name + "(return)";
        result = method.getReturnType() == void.class
                ? Optional.empty()
                : Optional.of(method.getReturnType() == InputStream.class
                        ? STREAM
                        : shapes.of(method.getGenericReturnType(), resultField));
        exceptions = Arrays.stream(method.getExceptionTypes())
                .sorted(Comparator.comparing(Class::getName))
                .map(type -> DeclaredException.of(type, shapes, name + "(throws " + type.getSimpleName() + ")"))
                .toList();
    }

    Method method() {
        return method;
    }

    /** {@return interface and method, for messages} */
    String name() {
        return name;
    }

    int parameterCount() {
        return parameters.length;
    }

    /** {@return how many parameters are streams} */
    int streamParameters() {
        return streamParameters;
    }

    List<DeclaredException> exceptions() {
        return exceptions;
    }

    /** {@return the operation in the canonical text} */
    String declaration() {
        String takes = Arrays.stream(parameters).map(Shape::term).collect(Collectors.joining(", "));
        String gives = result.map(Shape::term).orElse("void");
        String raises = exceptions.stream().map(DeclaredException::term).collect(Collectors.joining(", "));
        return "method " + method.getName() + "(" + takes + "): " + gives + (raises.isEmpty() ? "" : " throws " + raises);
    }

    void writeArguments(Output out, @Nullable Object[] arguments, Streams.Sending sending) {
        out.cbor().array(parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            out.value(parameters[i], sent(parameters[i], arguments[i], sending, false), fields[i], Shape.MAX_DEPTH);
        }
    }

    private static @Nullable Object sent(Shape shape, @Nullable Object value, Streams.Sending sending, boolean owned) {
        return shape == STREAM && value instanceof InputStream stream ? (Object) sending.add(stream, owned) : value;
    }

    @Nullable Object[] readArguments(Input in, Streams.Receiving receiving) throws MalformedException {
        in.cbor().arrayOf(name, parameters.length);
        @Nullable Object[] arguments = new @Nullable Object[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            Object value = in.value(parameters[i], fields[i], Shape.MAX_DEPTH);
            arguments[i] = parameters[i] == STREAM ? receiving.open((Long) value) : value;
        }
        in.cbor().end(name);
        return arguments;
    }

    void writeResult(Output out, @Nullable Object value, Streams.Sending sending) {
        if (result.isPresent()) {
            out.value(result.get(), sent(result.get(), value, sending, true), resultField, Shape.MAX_DEPTH);
        } else {
            out.cbor().nil();
        }
    }

    @Nullable Object readResult(Input in, Streams streams, Duration timeout) throws MalformedException {
        Object value = null;
        if (result.isPresent()) {
            value = in.value(result.get(), resultField, Shape.MAX_DEPTH);
        } else {
            in.cbor().nil(resultField);
        }
        in.cbor().end(resultField);
        return result.isPresent() && result.get() == STREAM && value != null ? streams.open((Long) value, timeout) : value;
    }
}
