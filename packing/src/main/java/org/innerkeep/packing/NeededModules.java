package org.innerkeep.packing;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.spi.ToolProvider;

/**
 * The JDK modules that jars need, as this JDK's {@code jdeps} finds them: those of every class in every jar. What is reached by name
 * only (a service, {@code Class.forName}) it cannot find.
 */
final class NeededModules {
    private static final int RELEASE = 25;

    private NeededModules() {}

    static SortedSet<String> of(List<Path> jars) throws IOException {
        ToolProvider jdeps = ToolProvider.findFirst("jdeps")
                .orElseThrow(() -> new IOException("jdeps is not in the Java runtime at " + System.getProperty("java.home")
                        + ": run this with a full JDK " + RELEASE + ", or name 'modules' in the properties file"));
        List<String> arguments = new ArrayList<>(
                List.of("--print-module-deps", "--ignore-missing-deps", "--multi-release", Integer.toString(RELEASE)));
        jars.forEach(jar -> arguments.add(jar.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int failed = jdeps.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        // Warnings come first, on the same stream; the answer is the last line.
        String answer = out.toString().strip().lines().reduce("", (_, line) -> line);
        if (failed != 0 || !answer.matches("[a-zA-Z0-9_.]+(,[a-zA-Z0-9_.]+)*")) {
            throw new IOException("jdeps cannot tell which JDK modules the jars need: " + (out + " " + err).strip()
                    + "; name them in the properties file: modules = java.base, …");
        }
        TreeSet<String> modules = new TreeSet<>(Arrays.asList(answer.split(",")));
        modules.add("java.base");
        return modules;
    }
}
