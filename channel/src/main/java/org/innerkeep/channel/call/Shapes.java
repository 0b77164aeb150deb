package org.innerkeep.channel.call;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Derives shapes from Java types and gathers the declarations of the named ones. Used once for each schema. */
final class Shapes {
    /** A method handle takes at most 255 slots, and a double takes two. */
    private static final int MAX_COMPONENTS = 120;

    private static final Map<Class<?>, Scalar> SCALARS = scalars();

    private final boolean hostVisible;
    private final Map<Class<?>, Shape> named = new HashMap<>();

    /** Begins; with {@code hostVisible}, types marked {@link Confidential} are refused. */
    Shapes(boolean hostVisible) {
        this.hostVisible = hostVisible;
    }

    /** {@return one line for each record, enum and sealed interface met, in the order of their names} */
    List<String> declarations() {
        Map<String, String> declarations = new TreeMap<>();
        for (Shape shape : named.values()) {
            switch (shape) {
                case RecordShape r -> declarations.put(r.term(), r.declaration());
                case EnumShape e -> declarations.put(e.term(), e.declaration());
                case SealedShape s -> declarations.put(s.term(), s.declaration());
                case Scalar _, ListShape _, SetShape _, MapShape _, OptionalShape _ -> {}
            }
        }
        return List.copyOf(declarations.values());
    }

    Shape of(Type type, String path) {
        return switch (type) {
            case Class<?> c -> of(c, path);
            case ParameterizedType p -> of(p, path);
            default -> throw new UncarriableTypeException(
                    path, type.getTypeName() + " cannot be carried; name the type itself, without variables or wildcards");
        };
    }

    private Shape of(Class<?> type, String path) {
        Shape scalar = SCALARS.get(type);
        if (scalar != null) {
            return scalar;
        }
        Shape known = named.get(type);
        if (known != null) {
            return known;
        }
        refuseConfidential(type, type, path);
        if (type.isRecord()) {
            return record(type, path);
        } else if (type.isEnum()) {
            EnumShape shape = new EnumShape(type);
            named.put(type, shape);
            return shape;
        } else if (type.isInterface() && type.isSealed()) {
            SealedShape shape = new SealedShape(type);
            named.put(type, shape);
            permit(shape, type, path);
            return shape;
        }
        throw uncarriable(type, path);
    }

    private Shape of(ParameterizedType type, String path) {
        Type[] arguments = type.getActualTypeArguments();
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == List.class) {
            return new ListShape(of(arguments[0], path + "[]"));
        } else if (raw == Set.class) {
            return new SetShape(key(arguments[0], path + "[]"));
        } else if (raw == Map.class) {
            return new MapShape(key(arguments[0], path + "[key]"), of(arguments[1], path + "[value]"));
        } else if (raw == Optional.class) {
            Shape value = of(arguments[0], path + "[]");
            if (value instanceof OptionalShape) {
                throw new UncarriableTypeException(path, "an Optional of an Optional cannot be carried; use one of them");
            }
            return new OptionalShape(value);
        } else if (raw.isRecord() || (raw.isInterface() && raw.isSealed())) {
            throw new UncarriableTypeException(
                    path, type.getTypeName() + " cannot be carried; use a record without type parameters");
        }
        throw uncarriable(raw, path);
    }

    private Shape key(Type type, String path) {
        Shape shape = of(type, path);
        if (!shape.keyable()) {
            throw new UncarriableTypeException(
                    path,
                    type.getTypeName() + " cannot be a map key or a set element; use text, a whole number, an enum, a UUID, an"
                            + " Instant or a Duration, or a List in place of the Set");
        }
        return shape;
    }

    private RecordShape record(Class<?> type, String path) {
        RecordComponent[] declared = type.getRecordComponents();
        if (type.getTypeParameters().length > 0) {
            throw new UncarriableTypeException(
                    path, type.getTypeName() + " cannot be carried; use a record without type parameters");
        }
        if (declared.length > MAX_COMPONENTS) {
            throw new UncarriableTypeException(
                    path, type.getTypeName() + " has more than " + MAX_COMPONENTS + " components; use records in it");
        }
        Class<?>[] types = new Class<?>[declared.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = declared[i].getType();
        }
        RecordShape shape = new RecordShape(type, constructor(type, path, types));
        named.put(type, shape);
        List<RecordShape.Component> components = new ArrayList<>();
        for (RecordComponent component : declared) {
            components.add(new RecordShape.Component(
                    component.getName(),
                    type.getSimpleName() + "." + component.getName(),
                    of(component.getGenericType(), path + "." + component.getName()),
                    handle(component.getAccessor(), path).asType(RecordShape.ACCESSOR)));
        }
        shape.complete(components);
        return shape;
    }

    private void permit(SealedShape shape, Class<?> sealed, String path) {
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (permitted.isInterface() && permitted.isSealed()) {
                refuseConfidential(permitted, permitted, path);
                permit(shape, permitted, path);
            } else if (!permitted.isRecord()) {
                throw new UncarriableTypeException(
                        path,
                        sealed.getTypeName() + " permits " + permitted.getTypeName()
                                + ", which is not a record; permit only records");
            } else if (!(of(permitted, path + "(" + permitted.getSimpleName() + ")") instanceof RecordShape r)
                    || !shape.permit(r)) {
                throw new UncarriableTypeException(
                        path,
                        sealed.getTypeName() + " permits two records named " + permitted.getSimpleName()
                                + "; rename one of them");
            }
        }
    }

    private void refuseConfidential(Class<?> type, Class<?> marked, String path) {
        if (!hostVisible) {
            return;
        }
        if (marked.isAnnotationPresent(Confidential.class)) {
            throw new UncarriableTypeException(
                    path,
                    type.getTypeName() + " is marked @Confidential"
                            + (type == marked ? "" : " through " + marked.getTypeName())
                            + "; it must not be in an interface marked @HostVisible");
        }
        for (Class<?> parent : marked.getInterfaces()) {
            refuseConfidential(type, parent, path);
        }
    }

    /** {@return a handle of type {@link RecordShape#SPREADER}} */
    static MethodHandle constructor(Class<?> type, String path, Class<?>... parameters) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            return handle(constructor, path).asSpreader(Object[].class, parameters.length).asType(RecordShape.SPREADER);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a constructor that was just seen is there", e);
        }
    }

    /** {@return a handle on a member that need not be public} */
    static MethodHandle handle(AccessibleObject member, String path) {
        try {
            member.setAccessible(true);
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            return member instanceof Constructor<?> constructor
                    ? lookup.unreflectConstructor(constructor)
                    : lookup.unreflect((Method) member);
        } catch (InaccessibleObjectException | IllegalAccessException e) {
            throw new UncarriableTypeException(
                    path, member + " cannot be reached; open its package to the module of " + Shapes.class.getPackageName());
        }
    }

    private static UncarriableTypeException uncarriable(Class<?> type, String path) {
        return new UncarriableTypeException(path, type.getTypeName() + " cannot be carried; " + remedy(type));
    }

    private static String remedy(Class<?> type) {
        if (type.isArray()) {
            return "use byte[] or java.util.List";
        } else if (type == List.class || type == Set.class || type == Map.class || type == Optional.class) {
            return "say what it holds, as in List<String>";
        } else if (Map.class.isAssignableFrom(type)) {
            return "use java.util.Map";
        } else if (Iterable.class.isAssignableFrom(type) && !java.nio.file.Path.class.isAssignableFrom(type)) {
            return Set.class.isAssignableFrom(type) ? "use java.util.Set" : "use java.util.List";
        } else if (type.getName().startsWith("java.util.Optional")) {
            return "use java.util.Optional";
        } else if (java.util.Date.class.isAssignableFrom(type)
                || java.util.Calendar.class.isAssignableFrom(type)
                || java.time.temporal.Temporal.class.isAssignableFrom(type)) {
            return "use java.time.Instant";
        } else if (InputStream.class.isAssignableFrom(type)) {
            return type == InputStream.class
                    ? "a stream is a whole parameter or a whole result, not a part of one; use byte[] here"
                    : "use java.io.InputStream as a whole parameter or result, or byte[]";
        } else if (CharSequence.class.isAssignableFrom(type)) {
            return "use String";
        } else if (type.isInterface() && !type.getName().startsWith("java.")) {
            return "seal it and permit only records";
        }
        return "use a record";
    }

    private static Map<Class<?>, Scalar> scalars() {
        Map<Class<?>, Scalar> all = new HashMap<>();
        for (Scalar scalar : Scalar.values()) {
            scalar.types().forEach(type -> all.put(type, scalar));
        }
        return Map.copyOf(all);
    }
}
