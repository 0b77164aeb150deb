package org.innerkeep.cli.tcb;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * What can be called, beginning at the methods that the runtime calls (rapid type analysis): a call of a method may reach it in every
 * class below the named one of which some reachable code makes an object. So it finds more than ever runs, and nothing that is reached by
 * name alone: by reflection, from native code, by deserialization. {@link Door} tells which code does that. Where services are looked
 * for, all that the jars provide are taken to be found.
 *
 * <p>For one thread.
 */
final class Reach {
    private record Reached(String type, Signature signature) {}

    private final CodeBase code;
    private final OutsideTypes outside = new OutsideTypes();

    private final Map<Reached, CodeBase.Found> methods = new LinkedHashMap<>();
    private final Deque<CodeBase.Found> waiting = new ArrayDeque<>();
    private final Set<String> classes = new LinkedHashSet<>();
    private final Set<String> created = new LinkedHashSet<>();
    private final Map<String, List<String>> createdBelow = new HashMap<>();
    private final Map<String, Set<Signature>> calledOn = new HashMap<>();
    private boolean servicesFound;

    Reach(CodeBase code) {
        this.code = code;
    }

    /** A method that the runtime calls by name. */
    void begin(String type, Signature signature) {
        call(type, signature);
        proceed();
    }

    /** A class of which the runtime makes an object by name. */
    void make(String type) {
        create(type);
        proceed();
    }

    /** A method that the runtime calls on every object of a type. */
    void beginVirtual(String type, Signature signature) {
        callVirtual(type, signature);
        proceed();
    }

    /** A class that calls carry: made by the runtime from what a stranger sends, with all that it is made of. */
    void carry(String type) {
        Deque<String> left = new ArrayDeque<>(List.of(type));
        Set<String> seen = new HashSet<>();
        while (!left.isEmpty()) {
            Optional<CodeClass> found = code.find(left.pop());
            if (found.isEmpty() || !seen.add(found.get().name())) {
                continue;
            }
            left.addAll(found.get().permitted());
            left.addAll(found.get().parts());
            if (found.get().isValue()) {
                create(found.get().name());
                found.get().methods().values().stream()
                        .filter(method -> method.signature().isConstructor())
                        .forEach(method -> call(found.get().name(), method.signature()));
            }
        }
        proceed();
    }

    /** {@return the names of the classes of which some code can be reached, or an object made} */
    Set<String> classes() {
        return classes;
    }

    /** {@return the names of the classes of which an object is made} */
    Set<String> created() {
        return created;
    }

    /** {@return the methods that can be reached} */
    List<CodeBase.Found> methods() {
        return new ArrayList<>(methods.values());
    }

    private void proceed() {
        for (CodeBase.Found next = waiting.poll(); next != null; next = waiting.poll()) {
            CodeMethod method = next.method();
            method.touched().forEach(this::touch);
            method.created().forEach(this::create);
            for (Call call : method.calls()) {
                if (call.owner().equals(ServiceLoader.class.getName()) && !servicesFound) {
                    servicesFound = true;
                    code.providers().forEach(this::provide);
                }
                switch (call.kind()) {
                    case EXACT -> call(call.owner(), call.target());
                    case VIRTUAL -> callVirtual(call.owner(), call.target());
                }
            }
        }
    }

    private void provide(String provider) {
        create(provider);
        call(provider, Signature.CONSTRUCTOR_WITHOUT_PARAMETERS);
        code.find(provider).stream()
                .flatMap(found -> found.methods().values().stream())
                .filter(method -> method.isStatic() && method.signature().name().equals("provider"))
                .forEach(method -> call(provider, method.signature()));
    }

    private void reach(CodeBase.Found found) {
        if (methods.putIfAbsent(new Reached(found.type().name(), found.method().signature()), found) == null) {
            touch(found.type().name());
            waiting.add(found);
        }
    }

    private void touch(String type) {
        Optional<CodeClass> found = code.find(type);
        if (found.isPresent() && classes.add(type)) {
            CodeMethod initializer = found.get().methods().get(Signature.CLASS_INITIALIZER);
            if (initializer != null) {
                reach(new CodeBase.Found(found.get(), initializer));
            }
            found.get().superclass().ifPresent(this::touch);
        }
    }

    private void call(String type, Signature signature) {
        code.resolve(type, signature).ifPresent(this::reach);
    }

    private void callVirtual(String type, Signature signature) {
        if (code.find(type).isPresent() && calledOn.computeIfAbsent(type, _ -> new HashSet<>()).add(signature)) {
            // An object may have come from where it cannot be seen, so the named class itself counts too.
            call(type, signature);
            createdBelow.getOrDefault(type, List.of()).forEach(below -> call(below, signature));
        }
    }

    private void create(String type) {
        Optional<CodeClass> found = code.find(type);
        if (found.isEmpty() || !created.add(type)) {
            return;
        }
        touch(type);
        for (String above : code.supertypes(type)) {
            createdBelow.computeIfAbsent(above, _ -> new ArrayList<>()).add(type);
            Set<Signature> called = code.find(above).isPresent()
                    ? Set.copyOf(calledOn.getOrDefault(above, Set.of()))
                    // What the JDK does with an object that it was given cannot be seen.
                    : outside.overridable(above);
            called.forEach(signature -> call(type, signature));
        }
    }
}
