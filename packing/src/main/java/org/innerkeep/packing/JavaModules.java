package org.innerkeep.packing;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.spi.ToolProvider;

/** The JDK modules that jars need, found by the JDK's own {@code jdeps} in their classes. */
final class JavaModules {
    private JavaModules() {}

    /** Sorted; what is found by name at run time only, such as a service of another module, is not among them. */
    static List<String> of(List<Path> jars) throws IOException {
        Optional<ToolProvider> jdeps = ToolProvider.findFirst("jdeps");
        if (jdeps.isEmpty()) {
            throw new IOException("this Java has no jdeps to find the modules that the jars need: run a full JDK, or name them: modules = …");
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--print-module-deps", "--ignore-missing-deps", "--multi-release", Integer.toString(Runtime.version().feature())));
        jars.forEach(jar -> arguments.add(jar.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = jdeps.get().run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
        String found = out.toString().strip();
        if (exit != 0 || found.contains("\n")) {
            throw new IOException("jdeps could not find the modules that the jars need: " + (found + "\n" + err).strip()
                    + "; name them in the properties file: modules = …");
        }
        TreeSet<String> modules = new TreeSet<>(Arrays.asList(found.split(",")));
        modules.add("java.base");
        return List.copyOf(modules);
    }
}
