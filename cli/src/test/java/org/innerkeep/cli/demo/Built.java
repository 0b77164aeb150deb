package org.innerkeep.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What tests of the real thing need: the built jars, a stage on them, jars of a test's own enclave. */
final class Built {
    private Built() {}

    /** A stage whose processes run from the jars that were built, as {@code ./innerkeep} does. */
    static Stage stage() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("innerkeep.lib")))) {
            return Stage.build(
                    Path.of(System.getProperty("java.io.tmpdir")),
                    jars.map(Path::toString).sorted().collect(Collectors.joining(":")));
        }
    }

    static Path root() {
        return Path.of(System.getProperty("innerkeep.root"));
    }

    /** A jar of classes of this test's class path. */
    static Path jar(Path jar, List<Class<?>> classes) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(name));
                try (InputStream in = type.getResourceAsStream("/" + name)) {
                    if (in == null) {
                        throw new IOException(name + " is not on the class path");
                    }
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
}
