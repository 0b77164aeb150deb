package org.innerkeep.cli.tcb;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ResolvedModule;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The modules of the JDK that are linked into an enclave's runtime, with what their classes and resources take. */
final class RuntimeModules {
    private RuntimeModules() {}

    /**
     * Finds them in the running JDK.
     *
     * @param named those that the manifest names
     * @return all that these need, with their sizes; nothing if this JDK lacks one
     * @throws IOException if the JDK cannot be read
     */
    static Optional<SortedMap<String, Long>> of(List<String> named) throws IOException {
        SortedMap<String, Long> sizes = new TreeMap<>();
        try {
            Configuration resolved = Configuration.empty().resolve(ModuleFinder.ofSystem(), ModuleFinder.of(), named);
            for (ResolvedModule module : resolved.modules()) {
                sizes.put(module.name(), size(module));
            }
        } catch (FindException e) {
            return Optional.empty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return Optional.of(sizes);
    }

    private static long size(ResolvedModule module) throws IOException {
        try (ModuleReader reader = module.reference().open(); var names = reader.list()) {
            return names.mapToLong(name -> {
                try {
                    return reader.open(name).map(RuntimeModules::length).orElse(0L);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }).sum();
        }
    }

    private static long length(InputStream in) {
        try (in) {
            return in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
