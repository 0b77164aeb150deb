package org.innerkeep.cli.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleDiff;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.SignableBundle;

/** What a project's sources build to, in a scratch folder that is removed on closing. */
public final class Rebuilt implements AutoCloseable {
    private static final long MAX_BUNDLE_BYTES = 1L << 30;

    private final SourceBuild build;
    private final Path bundle;
    private final Manifest manifest;

    private Rebuilt(SourceBuild build, Path bundle, Manifest manifest) {
        this.build = build;
        this.bundle = bundle;
        this.manifest = manifest;
    }

    /** {@return Maven, if it is on the {@code PATH}} */
    public static Optional<Path> maven() {
        return SourceBuild.program("mvn");
    }

    /**
     * Builds a copy of a project. This runs the project's own build, with the rights of whoever calls.
     *
     * @param maven the program
     * @param project its folder
     * @param module the module whose bundle it is, a path in the project, if several make one
     * @param name the enclave's name, by which one bundle is told from others
     * @param progress gets a line for each module
     * @return what came out
     * @throws IOException if the build fails, or one bundle does not come out of it
     * @throws BundleException if what came out is no bundle
     */
    public static Rebuilt of(Path maven, Path project, Optional<Path> module, Optional<String> name, Consumer<String> progress)
            throws IOException, BundleException {
        SourceBuild build = SourceBuild.copy(project);
        boolean done = false;
        try {
            Path bundle = choose(build, build.of(build.build(maven, progress), module), name);
            Rebuilt rebuilt = new Rebuilt(build, bundle, SignableBundle.read(bundle).manifest());
            done = true;
            return rebuilt;
        } finally {
            if (!done) {
                build.close();
            }
        }
    }

    private static Path choose(SourceBuild build, List<Path> bundles, Optional<String> name) throws IOException {
        List<Path> candidates = bundles;
        if (candidates.size() > 1 && name.isPresent()) {
            candidates = candidates.stream().filter(file -> file.endsWith(name.get() + ".enclave")).toList();
        }
        if (candidates.size() != 1) {
            throw new IOException("expected one bundle to come out of the build, found " + bundles.size()
                    + (bundles.isEmpty()
                            ? "; does the project run the pack goal of innerkeep-maven-plugin?"
                            : ": " + String.join(", ", bundles.stream().map(file -> build.inProject(file).toString()).toList())
                                    + "; name its module with --module"));
        }
        return candidates.getFirst();
    }

    /** {@return the manifest of what came out} */
    public Manifest manifest() {
        return manifest;
    }

    /**
     * Compares with what was published.
     *
     * @param published a bundle that was checked
     * @param file its file
     * @return from the published to the built one, a line each; none where the digests are equal
     * @throws IOException if the file cannot be read
     * @throws BundleException if it is no longer that bundle
     */
    public List<String> differences(Bundle published, Path file) throws IOException, BundleException {
        if (manifest.digest().equals(published.digest())) {
            return List.of();
        }
        // That the built one is not signed is no difference of what was built.
        return BundleDiff.explain(file, bundle, MAX_BUNDLE_BYTES).stream().filter(line -> !line.startsWith("signer: ")).toList();
    }

    @Override
    public void close() throws IOException {
        build.close();
    }
}
