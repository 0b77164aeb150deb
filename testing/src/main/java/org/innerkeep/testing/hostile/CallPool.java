package org.innerkeep.testing.hostile;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Arguments and answers of earlier calls, by type, for calls that a hostile host makes up. Safe for use by several threads. */
final class CallPool {
    private final Map<Method, List<@Nullable Object[]>> arguments = new HashMap<>();
    private final Map<Type, List<Object>> values = new HashMap<>();
    private final Map<Method, List<Object>> answersOf = new HashMap<>();
    private final Map<Type, List<Object>> answers = new HashMap<>();

    synchronized void called(Method method, @Nullable Object[] given) {
        arguments.computeIfAbsent(method, each -> new ArrayList<>()).add(given.clone());
        Type[] types = method.getGenericParameterTypes();
        for (int i = 0; i < given.length; i++) {
            Object value = given[i];
            if (value != null) {
                values.computeIfAbsent(types[i], each -> new ArrayList<>()).add(value);
            }
        }
    }

    synchronized void answered(Method method, @Nullable Object answer) {
        if (answer != null) {
            answersOf.computeIfAbsent(method, each -> new ArrayList<>()).add(answer);
            answers.computeIfAbsent(method.getGenericReturnType(), each -> new ArrayList<>()).add(answer);
        }
    }

    synchronized Optional<@Nullable Object[]> earlierArguments(Method method, int choice) {
        List<@Nullable Object[]> earlier = arguments.getOrDefault(method, List.of());
        return earlier.isEmpty() ? Optional.empty() : Optional.of(earlier.get(choice % earlier.size()).clone());
    }

    /** {@return the arguments with one exchanged for another value of its type, if there is another} */
    synchronized Optional<@Nullable Object[]> mixed(Method method, @Nullable Object[] given, int choice) {
        Type[] types = method.getGenericParameterTypes();
        for (int i = 0; i < given.length; i++) {
            int at = (choice + i) % given.length;
            List<Object> others = values.getOrDefault(types[at], List.of()).stream()
                    .filter(value -> !same(value, given[at]))
                    .toList();
            if (!others.isEmpty()) {
                @Nullable Object[] changed = given.clone();
                changed[at] = others.get(choice % others.size());
                return Optional.of(changed);
            }
        }
        return Optional.empty();
    }

    /** {@return arguments for a method, each from some earlier call, if there are any of each type} */
    synchronized Optional<@Nullable Object[]> anyArguments(Method method, int choice) {
        Type[] types = method.getGenericParameterTypes();
        @Nullable Object[] made = new @Nullable Object[types.length];
        for (int i = 0; i < types.length; i++) {
            List<Object> known = values.getOrDefault(types[i], List.of());
            if (known.isEmpty()) {
                return Optional.empty();
            }
            made[i] = known.get((choice + i) % known.size());
        }
        return Optional.of(made);
    }

    /** {@return an earlier answer of any method with the same type of result} */
    synchronized Optional<Object> answerLike(Method method, int choice) {
        List<Object> known = answers.getOrDefault(method.getGenericReturnType(), List.of());
        return known.isEmpty() ? Optional.empty() : Optional.of(known.get(choice % known.size()));
    }

    /** {@return an earlier answer of the same method} */
    synchronized Optional<Object> earlierAnswer(Method method, int choice) {
        List<Object> known = answersOf.getOrDefault(method, List.of());
        return known.isEmpty() ? Optional.empty() : Optional.of(known.get(choice % known.size()));
    }

    static boolean same(@Nullable Object one, @Nullable Object other) {
        return java.util.Arrays.deepEquals(new @Nullable Object[] {one}, new @Nullable Object[] {other});
    }
}
