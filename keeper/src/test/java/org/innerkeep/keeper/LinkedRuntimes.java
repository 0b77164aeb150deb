package org.innerkeep.keeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One linked runtime for all test classes, as linking takes seconds; removed after the last of them. */
final class LinkedRuntimes implements BeforeAllCallback {
    static final List<String> MODULES = List.of("java.base");

    private record Linked(Path folder, Path image) implements AutoCloseable {
        static Linked link() {
            try {
                Path folder = Files.createTempDirectory("runtimes");
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                return new Linked(folder, new Runtimes(folder).obtain(MODULES));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            Trees.delete(folder);
        }
    }

    private Linked linked = new Linked(Path.of("none"), Path.of("none"));

    @Override
    public void beforeAll(ExtensionContext context) {
        linked = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(LinkedRuntimes.class))
                .computeIfAbsent("linked", key -> Linked.link(), Linked.class);
    }

    /** The folder of images, which holds one. */
    Path folder() {
        return linked.folder();
    }

    Path image() {
        return linked.image();
    }
}
