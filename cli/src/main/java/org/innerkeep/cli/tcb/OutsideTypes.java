package org.innerkeep.cli.tcb;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Classes that are not in the bundle, but in the JDK: what they may call on objects that code gives them. */
final class OutsideTypes {
    private final Map<String, Set<Signature>> known = new HashMap<>();

    /** {@return what subclasses may override; nothing of a class that this JDK does not have} */
    Set<Signature> overridable(String name) {
        return known.computeIfAbsent(name, OutsideTypes::read);
    }

    private static Set<Signature> read(String name) {
        Set<Signature> signatures = new HashSet<>();
        try {
            // The platform's own classes only, and none of them is initialized.
            Class<?> type = Class.forName(name, false, ClassLoader.getPlatformClassLoader());
            for (Class<?> each = type; each != null; each = each.getSuperclass()) {
                add(each.getDeclaredMethods(), signatures);
            }
            add(type.getMethods(), signatures);
        } catch (ClassNotFoundException | LinkageError e) {
            // Of a library that is not there, which the program does without, or it would not run.
        }
        return signatures;
    }

    private static void add(Method[] methods, Set<Signature> signatures) {
        for (Method method : methods) {
            if (!Modifier.isStatic(method.getModifiers()) && !Modifier.isPrivate(method.getModifiers())) {
                String descriptor = MethodType.methodType(method.getReturnType(), method.getParameterTypes()).descriptorString();
                signatures.add(new Signature(method.getName(), descriptor));
            }
        }
    }
}
