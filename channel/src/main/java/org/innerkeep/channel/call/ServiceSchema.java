package org.innerkeep.channel.call;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;

/**
 * What a plain Java interface says on the wire: its methods and, through their parameters and results, the records, enums and
 * sealed interfaces that they carry. Both ends derive it from their own copy of the interface and compare digests before the
 * first call, so that bytes are never read by a schema other than the one that wrote them.
 *
 * <p>Every abstract method is callable, inherited ones too. Overloads and default methods are refused: a call is chosen by
 * name alone and always runs on the other end. Static and private methods are no part of the service.
 *
 * <p>A declared exception is a checked, final class with exactly one public constructor, which takes either nothing or one
 * carriable record; in the second case a public method {@code detail()} returns that record. Neither message nor stack trace
 * nor cause ever crosses; {@link Disclosure} says whether the detail does.
 *
 * <p>Instances are immutable and safe for use by several threads; use one for many connections.
 *
 * @param <T> the interface
 * @see Codec the types that are carried
 */
public final class ServiceSchema<T> {
    private static final String FIRST_LINE = "innerkeep interface 1";

    private final Class<T> type;
    private final boolean hostVisible;
    private final List<Operation> operations;
    private final Map<Method, Integer> indices;
    private final String text;
    private final Bytes digest;

    private ServiceSchema(Class<T> type) {
        this.type = type;
        this.hostVisible = type.isAnnotationPresent(HostVisible.class);
        Shapes shapes = new Shapes(hostVisible);
        operations = new ArrayList<>();
        indices = new HashMap<>();
        List<String> lines = new ArrayList<>(List.of(FIRST_LINE, (hostVisible ? "host interface " : "interface ") + name()));
        Map<String, List<Method>> methods = callable(type);
        for (List<Method> declared : methods.values()) {
            // The same method inherited from two interfaces is one operation.
            for (Method method : declared) {
                indices.put(method, operations.size());
            }
            Operation operation = new Operation(type.getSimpleName(), declared.getFirst(), shapes);
            operations.add(operation);
            lines.add(operation.declaration());
        }
        lines.addAll(shapes.declarations());
        text = String.join("\n", lines) + "\n";
        digest = Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Derives the schema of an interface.
     *
     * @param <T> the interface
     * @param type the interface; it need not be public
     * @return its schema
     * @throws UncarriableTypeException if something in it cannot be carried; the message names the place and the remedy
     */
    public static <T> ServiceSchema<T> of(Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (!type.isInterface() || type.isAnnotation() || type.isSealed()) {
            throw new UncarriableTypeException(type.getSimpleName(), "is not a plain interface; offer and bind interfaces");
        }
        return new ServiceSchema<>(type);
    }

    private static Map<String, List<Method>> callable(Class<?> type) {
        Map<String, List<Method>> byName = new TreeMap<>();
        for (Method method : type.getMethods()) {
            if (Modifier.isStatic(method.getModifiers()) || isOfObject(method)) {
                continue;
            }
            String path = type.getSimpleName() + "." + method.getName();
            if (method.isDefault()) {
                throw new UncarriableTypeException(path, "is a default method; make it abstract or move it out");
            }
            if (method.getTypeParameters().length > 0) {
                throw new UncarriableTypeException(path, "has type parameters; name the types themselves");
            }
            List<Method> same = byName.computeIfAbsent(method.getName(), _ -> new ArrayList<>());
            if (!same.isEmpty() && !sameSignature(same.getFirst(), method)) {
                throw new UncarriableTypeException(path, "is overloaded; give each method its own name");
            }
            same.add(method);
        }
        // Reflection gives methods in no order, and which of several equal ones comes first must not matter.
        byName.values().forEach(same -> same.sort(Comparator.comparing(m -> m.getDeclaringClass().getName())));
        return byName;
    }

    private static boolean sameSignature(Method a, Method b) {
        return Arrays.equals(a.getGenericParameterTypes(), b.getGenericParameterTypes())
                && a.getGenericReturnType().equals(b.getGenericReturnType())
                && List.of(a.getExceptionTypes()).equals(List.of(b.getExceptionTypes()));
    }

    /** Some interfaces repeat a method of Object to document it. */
    private static boolean isOfObject(Method method) {
        try {
            return Modifier.isPublic(
                    Object.class.getMethod(method.getName(), method.getParameterTypes()).getModifiers());
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /** {@return the interface} */
    public Class<T> type() {
        return type;
    }

    /** {@return the class name of the interface, by which the two ends find each other's schema} */
    public String name() {
        return type.getName();
    }

    /** {@return whether the interface is marked {@link HostVisible}} */
    public boolean hostVisible() {
        return hostVisible;
    }

    /**
     * {@return the canonical text} One line each for the interface, its methods in the order of their names, and the types
     * that occur in them in the order of theirs. Names of record components are in it, names of parameters are not: the
     * compiler may leave them out.
     */
    public String text() {
        return text;
    }

    /** {@return SHA-256 of the canonical text in UTF-8, 32 bytes} */
    public Bytes digest() {
        return digest;
    }

    List<Operation> operations() {
        return operations;
    }

    /** {@return the index of a method of the interface in the order of the canonical text} */
    int indexOf(Method method) {
        Integer index = indices.get(method);
        if (index == null) {
            throw new IllegalStateException(method + " is not in the schema of " + name());
        }
        return index;
    }

    @Override
    public String toString() {
        return name() + " " + digest.shortHex();
    }
}
