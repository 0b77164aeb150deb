package org.innerkeep.examples.hospitals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The command line of a program here: {@code --name value}, nothing else. */
final class Options {
    private final Map<String, List<String>> values;

    private Options(Map<String, List<String>> values) {
        this.values = values;
    }

    /** Reads arguments; an option that is not known is refused, so that a misspelt one is not ignored. */
    static Options parse(List<String> arguments, Set<String> known) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!name.startsWith("--") || !known.contains(name.substring(2))) {
                throw new IllegalArgumentException(name + ": unknown option; known are --" + String.join(" --", known));
            }
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException(name + ": a value is missing");
            }
            values.computeIfAbsent(name.substring(2), _ -> new ArrayList<>()).add(arguments.get(i + 1));
        }
        return new Options(values);
    }

    String text(String name) {
        return optional(name).orElseThrow(() -> new IllegalArgumentException("--" + name + " is missing"));
    }

    Path path(String name) {
        return Path.of(text(name));
    }

    Optional<String> optional(String name) {
        List<String> given = values.getOrDefault(name, List.of());
        if (given.size() > 1) {
            throw new IllegalArgumentException("--" + name + ": given twice");
        }
        return given.stream().findFirst();
    }

    /** All {@code --name left=right} in their order. */
    Map<String, String> pairs(String name) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String given : values.getOrDefault(name, List.of())) {
            int equals = given.indexOf('=');
            if (equals < 1 || pairs.put(given.substring(0, equals), given.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("--" + name + ": expected name=value, each name once");
            }
        }
        return pairs;
    }
}
